// Holds a TUN device open, so that it has a carrier, and lets one packet (hexadecimal) come out of it per line of
// standard input. Argument: the device's name.
import { openSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import koffi from 'koffi';

const ioctl = koffi.load(null).func('int ioctl(int, unsigned long, void *)');
const tunSetIff = 0x400454ca;
const iffTun = 0x0001;
const iffNoPacketInformation = 0x1000;

const request = Buffer.alloc(40);
request.write(process.argv[2], 'latin1');
new Uint16Array(request.buffer, request.byteOffset, 20)[8] = iffTun | iffNoPacketInformation;
const fd = openSync('/dev/net/tun', 'r+');
if (ioctl(fd, tunSetIff, request) < 0) throw new Error(`TUNSETIFF: error ${koffi.errno()}`);
console.log('open');
for await (const line of createInterface({ input: process.stdin })) writeSync(fd, Buffer.from(line, 'hex'));
