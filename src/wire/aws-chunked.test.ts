import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runningChecksum } from './aws-checksums.ts';
import { ChunkDecoder, type ChunkedBody, chunkedBody, decodeChunked } from './aws-chunked.ts';
import { PayloadStream } from './payload-stream.ts';
import { verifySignature } from './sigv4.ts';
import { headerTable } from './sigv4-request.ts';

const secret = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const nowMs = Date.UTC(2013, 4, 24);
const big = Buffer.alloc(65_536, 'a');
const small = Buffer.alloc(1024, 'a');

const frame = (data: Uint8Array, signature?: string) =>
  Buffer.concat([
    Buffer.from(`${data.length.toString(16)}${signature ? `;chunk-signature=${signature}` : ''}\r\n`),
    data,
    Buffer.from(data.length === 0 ? '' : '\r\n'),
  ]);

/** "Signature calculations … transferring payload in multiple chunks": its example, with and without trailers (of which it prints another length). */
const examples = [
  {
    name: 'the documented example',
    payload: 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
    more: [['Content-Length', '66824']],
    signed:
      'content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class',
    seed: '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9',
    body: Buffer.concat([
      frame(big, 'ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648'),
      frame(small, '0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497'),
      frame(Buffer.alloc(0), 'b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9'),
      Buffer.from('\r\n'),
    ]),
  },
  {
    name: 'the documented example with trailers',
    payload: 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
    more: [['x-amz-trailer', 'x-amz-checksum-crc32c']],
    signed:
      'content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class;x-amz-trailer',
    seed: '106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e',
    body: Buffer.concat([
      frame(big, 'b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2'),
      frame(small, '1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7'),
      frame(Buffer.alloc(0), '2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992'),
      Buffer.from(
        'x-amz-checksum-crc32c:sOO8/Q==\r\n' +
          'x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n',
      ),
    ]),
  },
] as const;

/** What the signature of the headers makes of the body. */
function bodyOf({ payload, more, signed, seed }: (typeof examples)[number]): ChunkedBody {
  const headers: (readonly [string, string])[] = [
    ['Host', 's3.amazonaws.com'],
    ['x-amz-date', '20130524T000000Z'],
    ['x-amz-storage-class', 'REDUCED_REDUNDANCY'],
    [
      'Authorization',
      `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=${signed},Signature=${seed}`,
    ],
    ['x-amz-content-sha256', payload],
    ['Content-Encoding', 'aws-chunked'],
    ['x-amz-decoded-content-length', '66560'],
    ...more.map(([name, value]) => [name, value] as const),
  ];
  const { chunked } = verifySignature(
    { method: 'PUT', url: '/examplebucket/chunkObject.txt', headers, body: new Uint8Array() },
    { find: () => ({ secret, caller: 'x' }), nowMs, family: 's3', service: 's3' },
  );
  if (!chunked) throw new Error('no chunks');
  return chunkedBody(chunked, headerTable(headers), 's3');
}

describe.each(examples)('$name', (example) => {
  it('is accepted', () => {
    expect(decodeChunked(example.body, bodyOf(example))).toEqual(Buffer.concat([big, small]));
  });

  it('is accepted in pieces, as a stream', async () => {
    async function* pieces() {
      for (let at = 0; at < example.body.length; at += 999) yield example.body.subarray(at, at + 999);
    }
    const found: Uint8Array[] = [];
    const stream = new PayloadStream({
      pieces: pieces(),
      sentBytes: example.body.length,
      chunked: bodyOf(example),
    });
    for await (const piece of stream) found.push(piece);
    expect(stream.length).toBe(big.length + small.length);
    expect(Buffer.concat(found)).toEqual(Buffer.concat([big, small]));
  });

  it.each([
    ['a byte of the first chunk', 200],
    ['its signature', 40],
    ['a byte of the second chunk', 65_536 + 500],
    ['the last chunk', example.body.length - 30],
  ])('is refused with %s altered', (_name, at) => {
    const altered = Buffer.from(example.body);
    altered[at] ^= 1;
    expect(() => decodeChunked(altered, bodyOf(example))).toThrow();
  });

  it.each([
    ['without its end', example.body.subarray(0, -90)],
    ['with more after it', Buffer.concat([example.body, Buffer.from('x')])],
    ['without its first chunk', example.body.subarray(example.body.indexOf('400;'))],
  ])('is refused %s', (_name, body) => {
    expect(() => decodeChunked(body, bodyOf(example))).toThrow();
  });
});

const unsigned = (decodedBytes: number, trailerNames: readonly string[] = []): ChunkedBody => ({
  hasTrailers: true,
  decodedBytes,
  trailerNames,
  family: 's3',
});

describe('unsigned chunks', () => {
  it('are what they were, however they arrive', () => {
    const pieces = fc.array(fc.uint8Array({ minLength: 1, maxLength: 50 }), { maxLength: 6 });
    fc.assert(
      fc.property(pieces, fc.integer({ min: 1, max: 40 }), (chunks, step) => {
        const data = Buffer.concat(chunks);
        const framed = Buffer.concat([
          ...chunks.map((chunk) => frame(chunk)),
          Buffer.from(`0\r\nx-amz-checksum-sha256:${sha256(data)}\r\n\r\n`),
        ]);
        const decoder = new ChunkDecoder(unsigned(data.length, ['x-amz-checksum-sha256']));
        const found: Uint8Array[] = [];
        for (let at = 0; at < framed.length; at += step) {
          found.push(...decoder.push(framed.subarray(at, at + step)));
        }
        expect(decoder.end().get('x-amz-checksum-sha256')).toBe(sha256(data));
        expect(Buffer.concat(found)).toEqual(data);
      }),
      { numRuns: 100 },
    );
  });

  it.each([
    ['another length than announced', '3\r\nabc\r\n0\r\n\r\n', 4, [], 'IncompleteBody'],
    ['more than announced', '3\r\nabc\r\n0\r\n\r\n', 2, [], 'IncompleteBody'],
    ['a size that is none', 'x\r\nabc\r\n0\r\n\r\n', 3, [], 'IncompleteBody'],
    ['a negative size', '-3\r\nabc\r\n0\r\n\r\n', 3, [], 'IncompleteBody'],
    ['a header without end', 'f'.repeat(5000), 3, [], 'IncompleteBody'],
    ['no end of a chunk', '3\r\nabcd\r\n0\r\n\r\n', 3, [], 'IncompleteBody'],
    ['a trailer that is missing', '0\r\n\r\n', 0, ['x-amz-checksum-crc32'], 'MalformedTrailerError'],
    ['a trailer not announced', '0\r\nx-more: 1\r\n\r\n', 0, [], 'MalformedTrailerError'],
    ['a trailer twice', '0\r\nx-a:1\r\nx-a:2\r\n\r\n', 0, ['x-a'], 'MalformedTrailerError'],
    ['trailers without end', `0\r\nx-a:${'1'.repeat(20_000)}`, 0, ['x-a'], 'MalformedTrailerError'],
    [
      'another checksum',
      '3\r\nabc\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n',
      3,
      ['x-amz-checksum-crc32'],
      'BadDigest',
    ],
  ])('%s', (_name, text, decoded, names, code) => {
    expect(() => decodeChunked(Buffer.from(text), unsigned(decoded, names))).toThrow(
      expect.objectContaining({ code }),
    );
  });
});

describe('signed trailers', () => {
  it('are covered by their signature', () => {
    const signing = { key: Buffer.from('key'), timestamp: 'T', scope: 'S', seed: 'seed' };
    const chain = (kind: string, previous: string, ...hashes: readonly string[]) =>
      createHmac('sha256', 'key')
        .update([`AWS4-HMAC-SHA256-${kind}`, 'T', 'S', previous, ...hashes].join('\n'))
        .digest('hex');
    const last = chain('PAYLOAD', 'seed', hex(''), hex(''));
    const trailer = chain('TRAILER', last, hex('x-a:1\n'));
    const body = { ...unsigned(0, ['x-a']), signing };
    const text = (value: string) =>
      Buffer.from(`0;chunk-signature=${last}\r\nx-a:${value}\r\nx-amz-trailer-signature:${trailer}\r\n\r\n`);
    expect(decodeChunked(text('1'), body)).toHaveLength(0);
    expect(() => decodeChunked(text('2'), body)).toThrow(
      expect.objectContaining({ code: 'SignatureDoesNotMatch' }),
    );
  });
});

/** Check values of "123456789" in the catalogue of CRC algorithms. */
describe('checksums', () => {
  it.each([
    ['x-amz-checksum-crc32', 'cbf43926'],
    ['x-amz-checksum-crc32c', 'e3069283'],
    ['x-amz-checksum-crc64nvme', 'ae8b14860a799888'],
    ['x-amz-checksum-sha1', createHash('sha1').update('123456789').digest('hex')],
  ])('%s', (name, expected) => {
    const checksum = runningChecksum(name);
    checksum?.update(Buffer.from('1234'));
    checksum?.update(Buffer.from('56789'));
    expect(Buffer.from(checksum?.base64() ?? '', 'base64').toString('hex')).toBe(expected);
  });
});

/** Bit by bit, as the catalogue says: reflected, all ones before and after. */
function slowly(data: Uint8Array, polynomial: bigint, bits: bigint): string {
  const ones = (1n << bits) - 1n;
  let value = ones;
  for (const byte of data) {
    value ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit += 1) value = value & 1n ? (value >> 1n) ^ polynomial : value >> 1n;
  }
  return (value ^ ones).toString(16).padStart(Number(bits) / 4, '0');
}

it.each([
  ['x-amz-checksum-crc32', 0xedb88320n, 32n],
  ['x-amz-checksum-crc32c', 0x82f63b78n, 32n],
  ['x-amz-checksum-crc64nvme', 0x9a6c9329ac4bc9b5n, 64n],
])('%s is the same in any pieces', (name, polynomial, bits) => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 5 }), (pieces) => {
      const checksum = runningChecksum(name);
      for (const piece of pieces) checksum?.update(piece);
      const found = Buffer.from(checksum?.base64() ?? '', 'base64').toString('hex');
      expect(found).toBe(slowly(Buffer.concat(pieces), polynomial, bits));
    }),
  );
});

function sha256(data: Uint8Array): string {
  return createHash('sha256').update(data).digest('base64');
}

function hex(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
