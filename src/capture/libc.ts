import { createRequire } from 'node:module';
import { ConfigError } from '../fault/index.ts';

/**
 * The system calls of live capture. A buffer argument is a typed array or an address; the calls give -1 on failure,
 * and `errorName` then tells why.
 */
export interface Libc {
  socket(domain: number, type: number, protocol: number): number;
  bind(fd: number, address: Uint8Array, length: number): number;
  getsockname(fd: number, address: Uint8Array, length: Int32Array): number;
  setsockopt(fd: number, level: number, option: number, value: ArrayBufferView, length: number): number;
  getsockopt(fd: number, level: number, option: number, value: ArrayBufferView, length: Int32Array): number;
  send(fd: number, bytes: Uint8Array, length: number, flags: number): number;
  recv(fd: number, bytes: Uint8Array, length: number, flags: number): number;
  ioctl(fd: number, request: number, argument: Uint8Array): number;
  poll(descriptors: ArrayBufferView, count: number, timeoutMs: number): number;
  mmap(address: bigint | null, bytes: number, protection: number, flags: number, fd: number): bigint;
  munmap(address: bigint, bytes: number): number;
  close(fd: number): number;
  /** The memory at `address` as a buffer that nobody copies, and that nobody frees. */
  view(address: bigint, bytes: number): ArrayBuffer;
  addressOf(bytes: Uint8Array): bigint;
  /** The name (`EPERM`) of an error number; without one, of the latest failed call. */
  errorName(number?: number): string;
}

/** What `mmap` gives on failure: MAP_FAILED as an unsigned number. */
export const mapFailed = 0xffff_ffff_ffff_ffffn;

let loaded: Libc | undefined;

/**
 * Binds the C library of this process, once. Throws `ConfigError` (`CaptureUnsupported`) where live capture cannot
 * work: the foreign function library is loaded only here, so that reading files works on every platform.
 */
export function libc(): Libc {
  loaded ??= bindLibc(loadKoffi());
  return loaded;
}

type Koffi = Pick<typeof import('koffi'), 'load' | 'view' | 'address' | 'errno' | 'os'>;

function loadKoffi(): Koffi {
  if (process.platform !== 'linux') throw unsupported(`it needs Linux, and this is ${process.platform}`);
  try {
    return createRequire(import.meta.url)('koffi') as Koffi;
  } catch (error) {
    throw unsupported(`the package koffi has no build for linux ${process.arch}`, error);
  }
}

function unsupported(why: string, cause?: unknown): ConfigError {
  return new ConfigError(
    'CaptureUnsupported',
    `live capture does not work here: ${why}`,
    ['pass a capture file instead, or pipe one: tcpdump -U -w - | headgate capture -'],
    cause === undefined ? undefined : { cause },
  );
}

function bindLibc(koffi: Koffi): Libc {
  // The process's own symbols: right for glibc and for musl, whatever the library's file is called.
  const library = koffi.load(null);
  const errorNames = new Map(Object.entries(koffi.os.errno).map(([name, number]) => [number, name]));
  const mmap = library.func('void *mmap(void *, size_t, int, int, int, int64_t)');
  return {
    socket: library.func('int socket(int, int, int)') as Libc['socket'],
    bind: library.func('int bind(int, const void *, uint32_t)') as Libc['bind'],
    getsockname: library.func('int getsockname(int, void *, void *)') as Libc['getsockname'],
    setsockopt: library.func('int setsockopt(int, int, int, const void *, uint32_t)') as Libc['setsockopt'],
    getsockopt: library.func('int getsockopt(int, int, int, void *, void *)') as Libc['getsockopt'],
    send: library.func('intptr_t send(int, const void *, size_t, int)') as Libc['send'],
    recv: library.func('intptr_t recv(int, void *, size_t, int)') as Libc['recv'],
    ioctl: library.func('int ioctl(int, unsigned long, void *)') as Libc['ioctl'],
    poll: library.func('int poll(void *, unsigned long, int)') as Libc['poll'],
    mmap: (address, bytes, protection, flags, fd) => mmap(address, bytes, protection, flags, fd, 0) as bigint,
    munmap: library.func('int munmap(void *, size_t)') as Libc['munmap'],
    close: library.func('int close(int)') as Libc['close'],
    view: koffi.view,
    addressOf: koffi.address,
    errorName: (number = koffi.errno()) => errorNames.get(number) ?? `error ${number}`,
  };
}
