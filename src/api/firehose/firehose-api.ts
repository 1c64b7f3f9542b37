import type { ServiceApi } from '../action.ts';
import { deliveryStreamActions } from './delivery-streams.ts';
import { encryptionActions } from './encryption.ts';
import { recordActions } from './records.ts';
import { tagActions } from './tags.ts';
import type { FirehoseParts } from './targets.ts';

export function firehoseApi(parts: FirehoseParts): ServiceApi {
  return {
    service: 'firehose',
    actions: {
      ...deliveryStreamActions(parts),
      ...recordActions(parts),
      ...tagActions(parts),
      ...encryptionActions(parts),
    },
  };
}
