// Accepts TCP connections on a port, reads all and answers `ok` at the end of each. Arguments: address, port.
import { createServer } from 'node:net';

const [address, port] = process.argv.slice(2);
createServer({ allowHalfOpen: true }, (connection) => {
  connection.on('error', () => connection.destroy());
  connection.on('end', () => connection.end('ok'));
  connection.resume();
}).listen(Number(port), address, () => console.log('listening'));
