import { ServiceError } from '../fault/index.ts';
import type { Member, ScalarShape, Shape, StructureShape } from './model.ts';
import { fits } from './pattern.ts';
import { badArgument } from './rest-input.ts';
import { malformedXml } from './xml-reader.ts';

type Structure = Readonly<Record<string, unknown>>;

/** Shapes whose values S3's actions judge themselves, in words of their own. */
const judgedElsewhere: ReadonlySet<string> = new Set([
  'BucketLocationConstraint',
  'BucketName',
  'ObjectKey',
  'CopySource',
  'AccountId',
  'BucketCannedACL',
  'ObjectCannedACL',
  'ObjectOwnership',
  'ServerSideEncryption',
  'ObjectVersionId',
]);

/**
 * Checks an input of S3 against its model: what is wrong in the body makes the document a bad one, what is wrong
 * outside is named.
 * @throws ServiceError
 */
export function checkRestInput(shape: StructureShape, input: object): void {
  const given = input as Structure;
  for (const member of shape.members) {
    const value = given[member.name];
    if (value === undefined) {
      if (shape.required?.includes(member.name)) throw missing(member);
    } else if (member.location === undefined) {
      if (!member.streaming && !isSound(value, member.shape)) throw malformedXml();
    } else {
      checkOutside(member, value);
    }
  }
}

function missing({ name, location, locationName = name }: Member): ServiceError {
  if (location === undefined) {
    return new ServiceError('MissingRequestBodyError', 'Request Body is empty');
  }
  const noun = location === 'querystring' ? 'parameter' : location === 'uri' ? 'label' : 'header';
  return new ServiceError('InvalidRequest', `Missing required ${noun} for this request: ${locationName}`);
}

function checkOutside({ name, shape, locationName = name }: Member, value: unknown): void {
  const values = shape.type === 'list' ? (value as readonly unknown[]) : [value];
  const each = shape.type === 'list' ? shape.member.shape : shape;
  const wrong = values.find((item) => !isSoundScalar(item, each));
  if (wrong === undefined) return;
  const text = String(wrong);
  if (locationName === 'x-amz-storage-class') {
    throw new ServiceError('InvalidStorageClass', 'The storage class you specified is not valid', {
      members: { StorageClassRequested: text.slice(0, 256) },
    });
  }
  if (locationName === 'encoding-type') {
    throw badArgument(locationName, text, 'Invalid Encoding Method specified in Request');
  }
  if (/checksum-algorithm$/.test(locationName)) {
    throw new ServiceError(
      'InvalidRequest',
      'Checksum algorithm provided is unsupported. Please try again with any of the valid types: ' +
        '[CRC32, CRC32C, CRC64NVME, SHA1, SHA256]',
    );
  }
  throw badArgument(locationName, text, `The value of ${locationName} is not valid.`);
}

function isSound(value: unknown, shape: Shape): boolean {
  if (shape.type === 'structure') {
    const held = value as Structure;
    return shape.members.every(({ name, shape: each }) =>
      held[name] === undefined ? !shape.required?.includes(name) : isSound(held[name], each),
    );
  }
  if (shape.type === 'list') {
    return (value as readonly unknown[]).every((item) => isSound(item, shape.member.shape));
  }
  if (shape.type === 'map') return true;
  return isSoundScalar(value, shape);
}

function isSoundScalar(value: unknown, shape: Shape): boolean {
  if (judgedElsewhere.has(shape.name)) return true;
  if (shape.type === 'integer' || shape.type === 'long')
    return isWithin(value as number, shape as ScalarShape);
  if (shape.type !== 'string') return true;
  const text = value as string;
  const { enum: known, pattern, max } = shape;
  if (known !== undefined && !known.includes(text)) return false;
  if (!isWithin(text.length, shape)) return false;
  return pattern === undefined || (max !== undefined && text.length > max) || fits(text, pattern);
}

function isWithin(amount: number, { min, max }: ScalarShape): boolean {
  return (min === undefined || amount >= min) && (max === undefined || amount <= max);
}
