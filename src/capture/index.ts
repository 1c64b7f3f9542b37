/**
 * Where packets come from: capture files, and the devices of this host. A source fills batches of frames and tells what
 * the kernel or the file knows of each; it neither decodes packets nor knows whose they are.
 */
export { assertCapturePrivilege } from './capture-privilege.ts';
export { type Device, listDevices } from './devices.ts';
export { FrameMerger } from './frame-merger.ts';
export type { FrameSource } from './frame-source.ts';
export { openCaptureFile } from './open-capture-file.ts';
export { PacketSocket } from './packet-socket.ts';
export { pollSockets } from './poll-sockets.ts';
