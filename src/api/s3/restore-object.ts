import type { RestoreRequest } from '@aws-sdk/client-s3';
import type { Call } from '../action.ts';
import { bucketOf, entryOf, type NamesObject } from './access.ts';
import { s3Errors } from './errors.ts';
import { isArchived } from './object-output.ts';
import type { S3Parts } from './parts.ts';

export type RestoreInput = NamesObject & { readonly RestoreRequest?: RestoreRequest };

/** Two hundred years: more than any time that can be told. */
const maxDays = 73_000;

export async function restoreObject(
  parts: S3Parts,
  input: RestoreInput,
  call: Call,
): Promise<{ readonly httpStatus: number }> {
  const bucket = bucketOf(parts, input);
  const entry = entryOf(parts, bucket, input, call);
  const days = daysOf(input.RestoreRequest, entry.storageClass);
  if (!isArchived(entry)) {
    throw s3Errors.refusal(
      'InvalidObjectState',
      "Restore is not allowed for the object's current storage class",
      403,
      { StorageClass: entry.storageClass },
    );
  }
  const outcome = await parts.objects.restore(bucket.Name, entry.key, days);
  return { httpStatus: outcome === 'begun' ? 202 : 200 };
}

/** Tiers differ at AWS in price and time alone: they are checked and all the same here. */
function daysOf(request: RestoreRequest | undefined, storageClass: string): number {
  if (!request) throw s3Errors.malformedXml();
  const { Type, SelectParameters, OutputLocation, GlacierJobParameters, Days } = request;
  if (Type !== undefined || SelectParameters || OutputLocation) {
    throw s3Errors.notImplemented('S3 Select is');
  }
  const tier = request.Tier ?? GlacierJobParameters?.Tier;
  if (tier !== undefined && !['Standard', 'Bulk', 'Expedited'].includes(tier)) throw s3Errors.malformedXml();
  if (tier === 'Expedited' && storageClass === 'DEEP_ARCHIVE') {
    throw s3Errors.invalidArgument('Retrieval option is not supported by this storage class', 'Tier', tier);
  }
  if (Days === undefined) throw s3Errors.malformedXml();
  if (Days < 1 || Days > maxDays) {
    throw s3Errors.invalidArgument('restoration days should be at least 1', 'Days', String(Days));
  }
  return Days;
}
