import { Readable } from 'node:stream';
import { filePieces } from '../disk/index.ts';
import type { RemoteClients, RemotePlace } from './remote-clients.ts';

/** An object that is whole on the local disk, and what S3 is told of it. */
export interface RemoteUpload {
  readonly bucketName: string;
  readonly key: string;
  /** Path. */
  readonly file: string;
  readonly bytes: number;
  readonly contentType: string;
  readonly acl: 'bucket-owner-full-control';
}

/** Puts an object outside, in one request. @throws what the SDK, or the disk, refuses it with */
export async function uploadFile(
  clients: RemoteClients,
  place: RemotePlace,
  { bucketName, key, file, bytes, contentType, acl }: RemoteUpload,
): Promise<void> {
  const { body, failure } = fileBody(file);
  const input = {
    Bucket: bucketName,
    Key: key,
    Body: body,
    ContentLength: bytes,
    ContentType: contentType,
    ACL: acl,
  };
  try {
    await clients.send('s3', place, (s3, options) => s3.putObject(input, options), { bytes, failure });
  } finally {
    body.destroy();
  }
}

/**
 * The bytes of a file, and what is rejected when they cannot be read. The stream itself never fails: within the SDK
 * nobody would hear of it, and that ends the process.
 */
function fileBody(file: string): { readonly body: Readable; readonly failure: Promise<never> } {
  let fail: (error: unknown) => void = () => undefined;
  const failure = new Promise<never>((_, reject) => {
    fail = reject;
  });
  // It may fail when nobody waits for it any more.
  failure.catch(() => undefined);
  async function* bytes(): AsyncGenerator<Buffer, void, undefined> {
    try {
      yield* filePieces(file);
    } catch (error) {
      fail(error);
      await new Promise(() => undefined);
    }
  }
  return { body: Readable.from(bytes(), { objectMode: false }), failure };
}
