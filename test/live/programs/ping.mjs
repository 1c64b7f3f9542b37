// Sends ICMP or ICMPv6 echo requests with 56 bytes of data, one after the reply to the other. Arguments: address,
// count, milliseconds between them (default none). Prints `answered N` at the end, with a pause after each as well.
import { isIPv6 } from 'node:net';
import koffi from 'koffi';

const [target, count, pauseMs = '0'] = process.argv.slice(2);
const pause = new Int32Array(new SharedArrayBuffer(4));
const c = koffi.load(null);
const socket = c.func('int socket(int, int, int)');
const inetPton = c.func('int inet_pton(int, const char *, void *)');
const connect = c.func('int connect(int, const void *, uint32_t)');
const send = c.func('intptr_t send(int, const void *, size_t, int)');
const recv = c.func('intptr_t recv(int, void *, size_t, int)');
const poll = c.func('int poll(void *, unsigned long, int)');

const isVersion6 = isIPv6(target);
const family = isVersion6 ? 10 : 2;
const [request, reply] = isVersion6 ? [128, 129] : [8, 0];
const fd = socket(family, 3, isVersion6 ? 58 : 1);
const address = new Uint8Array(isVersion6 ? 28 : 16);
new Uint16Array(address.buffer)[0] = family;
inetPton(family, target, address.subarray(isVersion6 ? 8 : 4));
if (connect(fd, address, address.length) < 0) throw new Error(`connect: error ${koffi.errno()}`);

let answered = 0;
for (let sequence = 1; sequence <= Number(count); sequence++) {
  const message = echoRequest(sequence);
  if (send(fd, message, message.length, 0) < 0) throw new Error(`send: error ${koffi.errno()}`);
  if (awaitReply(sequence)) answered++;
  if (pauseMs === '0') continue;
  console.log(`answered ${answered}`);
  Atomics.wait(pause, 0, 0, Number(pauseMs));
}
console.log(`answered ${answered}`);

function echoRequest(sequence) {
  const message = Buffer.alloc(64, 0x61);
  message.fill(0, 0, 8);
  message[0] = request;
  message.writeUInt16BE(process.pid & 0xffff, 4);
  message.writeUInt16BE(sequence, 6);
  let sum = 0;
  for (let i = 0; i < message.length; i += 2) sum += message.readUInt16BE(i);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  // The kernel fills in the checksum of ICMPv6.
  if (!isVersion6) message.writeUInt16BE(~sum & 0xffff, 2);
  return message;
}

function awaitReply(sequence) {
  const descriptor = Int32Array.of(fd, 1);
  const buffer = Buffer.alloc(2048);
  while (poll(descriptor, 1, 1000) > 0) {
    const length = recv(fd, buffer, buffer.length, 0);
    // An IPv4 raw socket gives the IP header too.
    const message = buffer.subarray(isVersion6 ? 0 : (buffer[0] & 15) * 4, length);
    if (message[0] === reply && message.readUInt16BE(6) === sequence) return true;
    descriptor[1] = 1;
  }
  return false;
}
