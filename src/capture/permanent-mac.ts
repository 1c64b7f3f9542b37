import { formatMac } from './format-mac.ts';
import { libc } from './libc.ts';

// linux/sockios.h, linux/ethtool.h
const afInet = 2;
const sockDgram = 2;
const sockCloexec = 0o2000000;
const siocEthtool = 0x8946;
const ethtoolGetPermanentAddress = 0x20;
const macBytes = 6;
/** struct ifreq: 16 bytes of name, then a union of 24 that holds a pointer here. */
const ifreqBytes = 40;
const nameBytes = 16;
const pointerElement = 2;

/**
 * The permanent MAC address of a device by ioctl, for kernels before 5.6, whose list of links does not tell it;
 * `undefined` when the device has none or is gone.
 */
export function askPermanentMac(device: string): string | undefined {
  const c = libc();
  const fd = c.socket(afInet, sockDgram | sockCloexec, 0);
  if (fd < 0) return undefined;
  try {
    // struct ethtool_perm_addr: u32 command, u32 size, then the bytes.
    const answer = new Uint8Array(8 + macBytes);
    new Uint32Array(answer.buffer, 0, 2).set([ethtoolGetPermanentAddress, macBytes]);
    const request = new Uint8Array(ifreqBytes);
    new TextEncoder().encodeInto(device, request.subarray(0, nameBytes - 1));
    new BigUint64Array(request.buffer)[pointerElement] = c.addressOf(answer);
    if (c.ioctl(fd, siocEthtool, request) < 0) return undefined;
    const mac = answer.subarray(8);
    return mac.every((byte) => byte === 0) ? undefined : formatMac(mac);
  } finally {
    c.close(fd);
  }
}
