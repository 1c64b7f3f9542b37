// Switches TSO, GSO and GRO of a device off, as `ethtool -K NAME tso off gso off gro off` does. Argument: device.
import koffi from 'koffi';

const c = koffi.load(null);
const socket = c.func('int socket(int, int, int)');
const ioctl = c.func('int ioctl(int, unsigned long, void *)');
const siocEthtool = 0x8946;
// ETHTOOL_STSO, ETHTOOL_SGSO, ETHTOOL_SGRO; struct ethtool_value: u32 command, u32 value.
const commands = [0x1f, 0x24, 0x2c];

const fd = socket(2, 2, 0);
for (const command of commands) {
  const value = Buffer.alloc(8);
  value.writeUInt32LE(command, 0);
  const request = Buffer.alloc(40);
  request.write(process.argv[2], 'latin1');
  request.writeBigUInt64LE(koffi.address(value), 16);
  if (ioctl(fd, siocEthtool, request) < 0) throw new Error(`ethtool ${command}: error ${koffi.errno()}`);
}
