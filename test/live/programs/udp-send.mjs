// Sends datagrams of 100 bytes from one port and prints how many were answered within half a second of the last.
// Arguments: address, port, count, milliseconds between them (default 10).
import { createSocket } from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';

const [address, port, count, everyMs = '10'] = process.argv.slice(2);
const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
let answered = 0;
socket.on('message', () => {
  answered++;
  if (answered === Number(count)) finish();
});
// A closed port is reported as an error of the socket.
socket.on('error', () => undefined);
for (let i = 0; i < Number(count); i++) {
  socket.send(Buffer.alloc(100, 'u'), Number(port), address);
  await sleep(Number(everyMs));
}
setTimeout(finish, 500);

function finish() {
  console.log(`answered ${answered}`);
  process.exit(0);
}
