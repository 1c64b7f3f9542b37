import { libc } from './libc.ts';
import type { PacketSocket } from './packet-socket.ts';

// poll.h
const pollIn = 1;
const pollError = 8 | 16 | 32;

/** struct pollfd: i32 descriptor, i16 events, i16 events that happened. Kept between calls; grows with the sockets. */
let descriptors = new Int32Array(2 * 16);
let events = new Int16Array(descriptors.buffer);

/**
 * Waits until one of the sockets has a block of frames, or until the time is over. All frames that `read` offers must
 * have been read before, else it comes back at once. A socket that the kernel reports in error has `error` set after.
 */
export function pollSockets(sockets: readonly PacketSocket[], timeoutMs: number): void {
  reserve(sockets.length);
  for (let i = 0; i < sockets.length; i++) {
    descriptors[2 * i] = sockets[i].fd;
    events[4 * i + 2] = pollIn;
    events[4 * i + 3] = 0;
  }
  if (libc().poll(descriptors, sockets.length, timeoutMs) <= 0) return;
  for (let i = 0; i < sockets.length; i++) {
    if ((events[4 * i + 3] & pollError) !== 0) sockets[i].takeError();
  }
}

function reserve(count: number): void {
  if (2 * count <= descriptors.length) return;
  descriptors = new Int32Array(4 * count);
  events = new Int16Array(descriptors.buffer);
}
