// Sends a byte over one TCP connection every 100 ms until standard input ends. Arguments: address, port. Prints `sent N`.
import { connect } from 'node:net';

const [host, port] = process.argv.slice(2);
const connection = connect({ host, port: Number(port), noDelay: true });
let sent = 0;
connection.on('connect', () => {
  const timer = setInterval(() => {
    connection.write('x');
    sent++;
    console.log(`sent ${sent}`);
  }, 100);
  process.stdin.on('end', () => {
    clearInterval(timer);
    connection.end();
  });
  process.stdin.resume();
});
connection.on('error', (error) => console.log(`failed ${error.code}`));
connection.resume();
