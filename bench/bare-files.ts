/** A process of its own: `node:http` that writes what is put into files, synced, and sends files back. */
import { mkdirSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

const [, , folder] = process.argv;
mkdirSync(folder, { recursive: true });
let count = 0;

async function put(file: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const staged = join(folder, `.${count++}`);
  const handle = await open(staged, 'w');
  await pipeline(request, handle.createWriteStream({ flush: true }));
  await rename(staged, file);
  response.writeHead(200, { 'content-length': 0 }).end();
}

async function get(file: string, response: ServerResponse): Promise<void> {
  const handle = await open(file);
  const { size } = await handle.stat();
  response.writeHead(200, { 'content-length': size });
  await pipeline(handle.createReadStream(), response);
}

const server = createServer((request, response) => {
  const file = join(folder, encodeURIComponent(request.url ?? ''));
  const answered = request.method === 'PUT' ? put(file, request, response) : get(file, response);
  answered.catch((error: Error) => {
    // Whoever measures has gone in the middle of an answer.
    if (!response.writableEnded) response.destroy();
    process.stderr.write(`${error.message}\n`);
  });
});
server.listen(0, '127.0.0.1', () => {
  process.stderr.write(`listening at http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
