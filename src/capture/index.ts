/**
 * Where packets come from: capture files, and the devices of this host. A source fills batches of frames and tells what
 * the kernel or the file knows of each; it neither decodes packets nor knows whose they are.
 */
export { assertCapturePrivilege } from './capture-privilege.ts';
export { type Device, type DeviceAddress, listDevices, type NotCaptured } from './devices.ts';
export { FrameMerger, type FrameRun } from './frame-merger.ts';
export type { FrameCounts, FrameSource, ReadProgress } from './frame-source.ts';
export { type CaptureFileOptions, openCaptureFile } from './open-capture-file.ts';
export { PacketSocket, type PacketSocketOptions } from './packet-socket.ts';
export { pollSockets } from './poll-sockets.ts';
