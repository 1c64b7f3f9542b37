import { realpathSync } from 'node:fs';
import { ConfigError } from '../fault/index.ts';
import { libc } from './libc.ts';

const afPacket = 17;
const sockRaw = 3;
const sockCloexec = 0o2000000;

/** Throws `ConfigError` (`CapturePrivilege`, `CaptureUnsupported`) unless this process may open packet sockets. */
export function assertCapturePrivilege(): void {
  const c = libc();
  const fd = c.socket(afPacket, sockRaw | sockCloexec, 0);
  if (fd < 0) throw packetSocketError(c.errorName());
  c.close(fd);
}

/** Why a packet socket could not be opened, and what to do: exactly two lines of advice where it is the privilege. */
export function packetSocketError(errorName: string): ConfigError {
  if (errorName !== 'EPERM' && errorName !== 'EACCES') {
    return new ConfigError('CaptureUnsupported', `this kernel does not open packet sockets (${errorName})`, [
      'pass a capture file instead',
    ]);
  }
  return new ConfigError('CapturePrivilege', 'capturing live needs the privilege CAP_NET_RAW', [
    `use sudo, or give it to Node once: sudo setcap cap_net_raw+ep ${realpathSync(process.execPath)}`,
    'or pass a capture file, or pipe one: sudo tcpdump -U -w - | headgate capture -',
  ]);
}
