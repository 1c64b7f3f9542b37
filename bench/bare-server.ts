/** A process of its own: `node:http` that reads and parses what comes, and always answers with the same bytes. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const [, , parsed, type, answerFile] = process.argv;
const answer = readFileSync(answerFile);
const parse = parsed === 'json' ? JSON.parse : (text: string) => new URLSearchParams(text);

const server = createServer((request, response) => {
  const pieces: Buffer[] = [];
  request.on('data', (piece: Buffer) => pieces.push(piece));
  request.on('end', () => {
    parse(Buffer.concat(pieces).toString());
    response.writeHead(200, { 'content-type': type, 'content-length': answer.length });
    response.end(answer);
  });
});
server.listen(0, '127.0.0.1', () => {
  process.stderr.write(`listening at http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
