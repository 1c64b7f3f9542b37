import type { ByteRange } from '../../objects/index.ts';
import { s3Errors } from './errors.ts';

/**
 * The bytes that a `Range` header asks of an object; undefined for all of them. What is no range of bytes, and several
 * ranges at once, are passed over, as S3 does.
 * @throws ServiceError `InvalidRange` for what begins behind the end
 */
export function parseRange(header: string | undefined, size: number): ByteRange | undefined {
  const [, firstText, lastText] = /^bytes=(\d*)-(\d*)$/i.exec(header?.trim() ?? '') ?? [];
  if (header === undefined || firstText === undefined || (firstText === '' && lastText === '')) {
    return undefined;
  }
  if (firstText === '') {
    const length = Math.min(Number(lastText), size);
    if (length === 0) throw unsatisfiable(header, size);
    return { first: size - length, last: size - 1 };
  }
  const first = Number(firstText);
  const last = lastText === '' ? size - 1 : Math.min(Number(lastText), size - 1);
  if (lastText !== '' && Number(lastText) < first) return undefined;
  if (first >= size) throw unsatisfiable(header, size);
  return { first, last };
}

/**
 * The bytes of one part, as it was uploaded; an object that was put at once is its own first part. Of an empty one the
 * last byte is before the first.
 * @throws ServiceError `InvalidPartNumber`
 */
export function partRange(
  partNumber: number,
  { size, partSizes = [size] }: { readonly size: number; readonly partSizes?: readonly number[] },
): ByteRange {
  if (!Number.isInteger(partNumber) || partNumber < 1 || partNumber > 10_000) {
    throw s3Errors.invalidArgument(
      'Part number must be an integer between 1 and 10000, inclusive',
      'partNumber',
      String(partNumber),
    );
  }
  if (partNumber > partSizes.length) {
    throw s3Errors.refusal('InvalidPartNumber', 'The requested partnumber is not satisfiable', 416, {
      ActualPartCount: String(partSizes.length),
      PartNumberRequested: String(partNumber),
    });
  }
  const first = partSizes.slice(0, partNumber - 1).reduce((sum, each) => sum + each, 0);
  return { first, last: first + partSizes[partNumber - 1] - 1 };
}

/**
 * The bytes that UploadPartCopy takes of its source; undefined for all of them.
 * @throws ServiceError `InvalidArgument`
 */
export function parseCopyRange(header: string | undefined, size: number): ByteRange | undefined {
  if (header === undefined) return undefined;
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(header) ?? [];
  if (first === undefined || Number(first) > Number(last)) {
    throw s3Errors.invalidArgument(
      'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy',
      'x-amz-copy-source-range',
      header,
    );
  }
  if (Number(last) >= size) {
    throw s3Errors.invalidArgument(
      `Range specified is not valid for source object of size: ${size}`,
      'x-amz-copy-source-range',
      header,
    );
  }
  return { first: Number(first), last: Number(last) };
}

function unsatisfiable(header: string, size: number) {
  return s3Errors.refusal('InvalidRange', 'The requested range is not satisfiable', 416, {
    RangeRequested: header.slice(0, 256),
    ActualObjectSize: String(size),
  });
}
