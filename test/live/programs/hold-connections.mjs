// Opens connections to a port of this host and holds them: prints how many are open, then how many the server has ended.
import { connect } from 'node:net';

const [port, count] = process.argv.slice(2).map(Number);
let open = 0;
let ended = 0;

function openOne() {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      open += 1;
      resolve();
    });
    socket.on('error', resolve);
    socket.on('close', () => {
      ended += 1;
    });
  });
}

for (let at = 0; at < count; at += 200) {
  await Promise.all(Array.from({ length: Math.min(200, count - at) }, openOne));
}
process.stdout.write(`${JSON.stringify({ open, ended })}\n`);
process.stdin.on('end', () => process.exit()).resume();
