import { createHash, createHmac } from 'node:crypto';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ServiceError } from '../fault/index.ts';
import type { ChunkedBody } from './aws-chunked.ts';
import { PayloadStream } from './payload-stream.ts';

const forms = [
  { name: 'its hash', isSigned: false, hasTrailers: false },
  { name: 'signed chunks', isSigned: true, hasTrailers: false },
  { name: 'signed chunks and a trailer', isSigned: true, hasTrailers: true },
  { name: 'a trailer', isSigned: false, hasTrailers: true },
] as const;

type Form = (typeof forms)[number];

const signing = { key: Buffer.from('key'), timestamp: 'T', scope: 'S', seed: 'seed' };
const hex = (data: Uint8Array | string): string => createHash('sha256').update(data).digest('hex');
const chained = (kind: string, previous: string, ...hashes: readonly string[]): string =>
  createHmac('sha256', signing.key)
    .update([`AWS4-HMAC-SHA256-${kind}`, 'T', 'S', previous, ...hashes].join('\n'))
    .digest('hex');

/** As a client frames it. */
function framed(chunks: readonly Uint8Array[], { isSigned, hasTrailers }: Form): Buffer {
  let previous = signing.seed;
  const parts = [...chunks, Buffer.alloc(0)].map((chunk) => {
    previous = chained('PAYLOAD', previous, hex(''), hex(chunk));
    const size = `${chunk.length.toString(16)}${isSigned ? `;chunk-signature=${previous}` : ''}\r\n`;
    return Buffer.concat([Buffer.from(size), chunk, Buffer.from(chunk.length > 0 ? '\r\n' : '')]);
  });
  if (!hasTrailers) return Buffer.concat([...parts, Buffer.from('\r\n')]);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(Buffer.concat(chunks)));
  const trailer = `x-amz-checksum-crc32:${checksum.toString('base64')}`;
  const signature = `x-amz-trailer-signature:${chained('TRAILER', previous, hex(`${trailer}\n`))}\r\n`;
  return Buffer.concat([...parts, Buffer.from(`${trailer}\r\n${isSigned ? signature : ''}\r\n`)]);
}

async function received(
  sent: Uint8Array,
  step: number,
  form: Form,
  data: Uint8Array,
): Promise<Buffer | string> {
  const isFramed = form.isSigned || form.hasTrailers;
  const chunked: ChunkedBody = {
    ...(form.isSigned && { signing }),
    hasTrailers: form.hasTrailers,
    decodedBytes: data.length,
    trailerNames: form.hasTrailers ? ['x-amz-checksum-crc32'] : [],
    family: 's3',
  };
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < sent.length; at += step) yield sent.subarray(at, at + step);
  }
  const body = new PayloadStream({
    pieces: pieces(),
    sentBytes: isFramed ? undefined : data.length,
    ...(isFramed ? { chunked } : { hash: hex(data) }),
  });
  const found: Uint8Array[] = [];
  try {
    for await (const piece of body) found.push(piece);
  } catch (error) {
    expect(error).toBeInstanceOf(ServiceError);
    return (error as ServiceError).code;
  }
  return Buffer.concat(found);
}

const bodies = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 4 });
const steps = fc.integer({ min: 1, max: 60 });

describe.each(forms)('a body with $name', (form) => {
  const sentOf = (chunks: readonly Uint8Array[]): Buffer =>
    form.isSigned || form.hasTrailers ? framed(chunks, form) : Buffer.concat(chunks);

  it('is what was sent, however it comes', () =>
    fc.assert(
      fc.asyncProperty(bodies, steps, async (chunks, step) => {
        const data = Buffer.concat(chunks);
        expect(await received(sentOf(chunks), step, form, data)).toEqual(data);
      }),
    ));

  it('is refused wherever it was altered, or is what was sent', () =>
    fc.assert(
      fc.asyncProperty(
        bodies,
        steps,
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async (chunks, step, at, bits) => {
          const data = Buffer.concat(chunks);
          const sent = sentOf(chunks);
          if (sent.length === 0) return;
          const altered = Buffer.from(sent);
          altered[at % sent.length] ^= bits;
          const found = await received(altered, step, form, data);
          if (typeof found !== 'string') expect(found).toEqual(data);
        },
      ),
      { numRuns: 300 },
    ));

  it('is refused wherever it ends too early', () =>
    fc.assert(
      fc.asyncProperty(bodies, steps, fc.nat(), async (chunks, step, at) => {
        const data = Buffer.concat(chunks);
        const sent = sentOf(chunks);
        if (sent.length === 0) return;
        const found = await received(sent.subarray(0, at % sent.length), step, form, data);
        // The last line ends may be missing: all that they end is there.
        if (typeof found !== 'string') expect([found, at % sent.length]).toEqual([data, expect.any(Number)]);
        if (form.name === 'its hash') expect(found).toBe('IncompleteBody');
      }),
      { numRuns: 200 },
    ));
});
