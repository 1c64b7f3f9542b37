// Sends so many bytes over a TCP connection and waits for the end of the answer. Arguments: address, port, bytes.
// Prints `done`, or `failed` and the error's code; a connection that is not answered fails after a second and a half.
import { connect } from 'node:net';

const [host, port, bytes] = process.argv.slice(2);
const connection = connect({ host, port: Number(port) });
const finish = (text) => {
  console.log(text);
  process.exit(0);
};
const timer = setTimeout(() => finish('failed ETIMEDOUT'), 1500);
connection.on('error', (error) => finish(`failed ${error.code}`));
connection.on('connect', () => {
  clearTimeout(timer);
  connection.end(Buffer.alloc(Number(bytes), 'x'));
});
connection.resume();
connection.on('end', () => finish('done'));
