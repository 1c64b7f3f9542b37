// Sends link layer frames. Arguments: device, hexadecimal frame, count (default 1).
import koffi from 'koffi';
import { listDevices } from '../../../dist/capture/devices.js';

const [name, hex, count = '1'] = process.argv.slice(2);
const c = koffi.load(null);
const socket = c.func('int socket(int, int, int)');
const sendto = c.func('intptr_t sendto(int, const void *, size_t, int, const void *, uint32_t)');
const device = listDevices().find((each) => each.name === name);
if (device === undefined) throw new Error(`no device ${name}`);

const frame = Buffer.from(hex, 'hex');
// struct sockaddr_ll
const address = new Uint8Array(20);
new Uint16Array(address.buffer)[0] = 17;
new Int32Array(address.buffer)[1] = device.index;
const fd = socket(17, 3, 0);
let sent = 0;
while (sent < Number(count)) {
  if (sendto(fd, frame, frame.length, 0, address, address.length) === frame.length) sent++;
  else if (koffi.errno() !== koffi.os.errno.ENOBUFS) throw new Error(`sendto: error ${koffi.errno()}`);
}
