// Sends link layer frames. Argument: JSON { device, hex, count?, perSecond?, vary?: { offset, values } }. With `vary`,
// the 16-bit word of the frame at `offset` runs through so many values, from 0x4000 on.
import koffi from 'koffi';
import { listDevices } from '../../../dist/capture/devices.js';

const { device: name, hex, count = 1, perSecond = Infinity, vary } = JSON.parse(process.argv[2]);
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
const idle = new Int32Array(new SharedArrayBuffer(4));
const startMs = performance.now();
let sent = 0;
while (sent < count) {
  if (sent >= ((performance.now() - startMs) * perSecond) / 1000) {
    Atomics.wait(idle, 0, 0, 1);
    continue;
  }
  if (vary) frame.writeUInt16BE(0x4000 + (sent % vary.values), vary.offset);
  if (sendto(fd, frame, frame.length, 0, address, address.length) === frame.length) sent++;
  else if (koffi.errno() !== koffi.os.errno.ENOBUFS) throw new Error(`sendto: error ${koffi.errno()}`);
}
