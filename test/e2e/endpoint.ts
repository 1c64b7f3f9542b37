import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll } from 'vitest';

/** An HTTP endpoint as Firehose delivers to it, which takes everything. */
export class Endpoint {
  readonly #server: Server;
  /** The data of all records, by the path that they came to. */
  readonly #records = new Map<string, string[]>();

  private constructor() {
    this.#server = createServer(async (request, response) => {
      const body = JSON.parse(Buffer.concat(await request.toArray()).toString());
      const taken = this.records(request.url ?? '');
      for (const { data } of body.records) taken.push(Buffer.from(data, 'base64').toString());
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ requestId: body.requestId, timestamp: Date.now() }));
    });
    afterAll(() => {
      this.#server.closeAllConnections();
      this.#server.close();
    });
  }

  static async start(): Promise<Endpoint> {
    const endpoint = new Endpoint();
    await new Promise<void>((resolve) => endpoint.#server.listen(0, '127.0.0.1', resolve));
    return endpoint;
  }

  url(path: string): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${path}`;
  }

  records(path: string): string[] {
    const known = this.#records.get(path);
    if (known) return known;
    const made: string[] = [];
    this.#records.set(path, made);
    return made;
  }
}
