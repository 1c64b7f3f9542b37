import type {
  StartDeliveryStreamEncryptionInput,
  StopDeliveryStreamEncryptionInput,
} from '@aws-sdk/client-firehose';
import type { Action } from '../action.ts';
import type { Checked } from '../checked.ts';
import { errors } from './errors.ts';
import { type FirehoseParts, streamOf, streamTarget } from './targets.ts';

/** Headgate encrypts nothing at rest, and does not say it did: encryption is never on. */
export function encryptionActions(parts: FirehoseParts) {
  const StartDeliveryStreamEncryption: Action<Checked<StartDeliveryStreamEncryptionInput>> = {
    targets: (input, call) => [streamTarget(parts, input, call)],
    run: (input, call) => {
      streamOf(parts.resources, input, call);
      throw errors.notOffered('Server-side encryption');
    },
  };
  const StopDeliveryStreamEncryption: Action<Checked<StopDeliveryStreamEncryptionInput>> = {
    targets: (input, call) => [streamTarget(parts, input, call)],
    run: (input, call) => {
      streamOf(parts.resources, input, call);
      return {};
    },
  };
  return { StartDeliveryStreamEncryption, StopDeliveryStreamEncryption };
}
