import type { PutRecordBatchInput, PutRecordInput } from '@aws-sdk/client-firehose';
import type { Action } from '../action.ts';
import type { Checked } from '../checked.ts';
import { errors } from './errors.ts';
import { type FirehoseParts, streamTarget } from './targets.ts';

/** Of all records of a batch, before they are base64. */
const mostBatchBytes = 4 * 1024 * 1024;

export function recordActions(parts: FirehoseParts) {
  const { streams } = parts;
  const PutRecord: Action<Checked<PutRecordInput>> = {
    targets: (input, call) => [streamTarget(parts, input, call)],
    run: async ({ DeliveryStreamName: name, Record }, { place }) => {
      const { recordIds } = await streams.putRecords({ place, name }, [Record.Data]);
      return { RecordId: recordIds[0], Encrypted: false };
    },
  };
  const PutRecordBatch: Action<Checked<PutRecordBatchInput>> = {
    targets: (input, call) => [streamTarget(parts, input, call)],
    run: async ({ DeliveryStreamName: name, Records }, { place }) => {
      const bytes = Records.reduce((sum, { Data }) => sum + Data.length, 0);
      if (bytes > mostBatchBytes) throw errors.invalidArgument('Records size exceeds 4 MB limit');
      const recordIds = await streams.putSome(
        { place, name },
        Records.map(({ Data }) => Data),
      );
      return {
        FailedPutCount: recordIds.filter((id) => id === undefined).length,
        Encrypted: false,
        RequestResponses: recordIds.map((RecordId) => (RecordId === undefined ? throttled : { RecordId })),
      };
    },
  };
  return { PutRecord, PutRecordBatch };
}

const throttled = { ErrorCode: 'ServiceUnavailableException', ErrorMessage: 'Slow down.' } as const;
