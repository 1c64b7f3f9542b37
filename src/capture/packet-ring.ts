import { ConfigError } from '../fault/index.ts';
import { libc, mapFailed } from './libc.ts';

/** The memory that a packet socket shares with the kernel, in three widths. */
export interface PacketRing {
  readonly address: bigint;
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
  readonly words16: Uint16Array;
  readonly blockWords: number;
  readonly blockCount: number;
}

const mebibyte = 1 << 20;
/** Offsets into the ring are 32-bit signed integers, and a batch may point just past a frame. */
const mostRingBytes = 1024 * mebibyte;
const leastRingBytes = mebibyte;
/** The kernel hands over a block when it is full, or when its first frame is this old. */
const retireTimeoutMs = 20;

// linux/if_packet.h, asm-generic/mman.h
const solPacket = 263;
const packetRxRing = 5;
const frameBytes = 2048;
const readWrite = 3;
const mapShared = 0x01;
const mapPrivate = 0x02;
const mapFixed = 0x10;
const mapAnonymous = 0x20;
const mapNoReserve = 0x4000;

/** Size of the blocks and of the ring made of them that comes nearest below the bytes asked for. */
export function ringShape(ringBytes: number): { blockBytes: number; blockCount: number } {
  const asked = Math.min(Math.max(ringBytes, leastRingBytes), mostRingBytes);
  // A ring needs a few blocks: the kernel fills one while another is read.
  const blockBytes = asked < 4 * mebibyte ? mebibyte / 4 : mebibyte;
  return { blockBytes, blockCount: Math.floor(asked / blockBytes) };
}

/**
 * Makes the socket's ring and maps it. The size is brought between 1 MiB and 1 GiB and down to a multiple of 1 MiB
 * (below 4 MiB, of 256 KiB); where the kernel has not that much memory, half of it is tried, and so on.
 */
export function mapRing(fd: number, ringBytes: number): PacketRing {
  for (let bytes = ringBytes; ; bytes = Math.floor(bytes / 2)) {
    const ring = tryRing(fd, ringShape(bytes));
    if (ring !== undefined) return ring;
    if (bytes <= leastRingBytes) {
      throw new ConfigError('CaptureMemory', 'the kernel has no memory for a capture ring, not even 1 MiB');
    }
  }
}

type RingShape = ReturnType<typeof ringShape>;

function tryRing(fd: number, shape: RingShape): PacketRing | undefined {
  const c = libc();
  if (!setRing(fd, shape)) return undefined;
  const size = shape.blockBytes * shape.blockCount;
  const address = c.mmap(null, size, readWrite, mapShared, fd);
  if (address !== mapFailed) return viewRing(address, size, shape);
  const name = c.errorName();
  setRing(fd, { blockBytes: 0, blockCount: 0 });
  if (name !== 'ENOMEM' && name !== 'EAGAIN') throw ringError('to map', name);
  return undefined;
}

/** struct tpacket_req3: block size, blocks, frame size, frames, retire timeout, private size, features. */
function setRing(fd: number, { blockBytes, blockCount }: RingShape): boolean {
  const c = libc();
  const frames = (blockBytes / frameBytes) * blockCount;
  const request = Uint32Array.of(
    blockBytes,
    blockCount,
    blockCount && frameBytes,
    frames,
    retireTimeoutMs,
    0,
    0,
  );
  if (c.setsockopt(fd, solPacket, packetRxRing, request, request.byteLength) === 0) return true;
  if (c.errorName() === 'ENOMEM') return false;
  throw ringError('to make', c.errorName());
}

function ringError(what: string, errorName: string): ConfigError {
  return new ConfigError('CaptureUnsupported', `the kernel refused ${what} a capture ring (${errorName})`);
}

function viewRing(address: bigint, size: number, { blockBytes, blockCount }: RingShape): PacketRing {
  const buffer = libc().view(address, size);
  unmapWhenUnused.register(buffer, { address, size });
  return {
    address,
    bytes: new Uint8Array(buffer),
    words: new Int32Array(buffer),
    words16: new Uint16Array(buffer),
    blockWords: blockBytes / 4,
    blockCount,
  };
}

/** Unmaps the addresses of a ring when the last view on it is gone. */
const unmapWhenUnused = new FinalizationRegistry<{ address: bigint; size: number }>(({ address, size }) => {
  libc().munmap(address, size);
});

/**
 * Gives the ring's memory back. Its addresses stay reserved, without memory, as long as a view on them lives: a late
 * look through an old batch must read zeros and not end the process.
 */
export function unmapRing(ring: PacketRing): void {
  const flags = mapPrivate | mapAnonymous | mapFixed | mapNoReserve;
  libc().mmap(ring.address, ring.bytes.byteLength, readWrite, flags, -1);
}
