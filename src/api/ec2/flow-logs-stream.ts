import { crossAccountSession, type DestinationFault, streamAddress } from '../../delivery/index.ts';
import type { Draft } from '../../resource/index.ts';
import { deliveryStreams, logDeliveryTag } from '../../stream/index.ts';
import type { Call } from '../action.ts';
import { ensureServiceLinkedRole } from '../iam/service-linked-roles.ts';
import type { DeliveryAccess, ReadyDestination } from './flow-logs-bucket.ts';
import type { DestinationMembers } from './flow-logs-destination.ts';

/**
 * A delivery stream of Headgate's own, for deliveries: with the flow log it gets the tag that lets log delivery's role in,
 * and its account that role. In another account that is done in the name of a role of that account.
 */
export function readyStream(
  draft: Draft,
  { place, nowMs }: Pick<Call, 'place' | 'nowMs'>,
  members: DestinationMembers,
  access: DeliveryAccess,
): ReadyDestination | DestinationFault {
  const address = streamAddress(members.LogDestination ?? '');
  const stream = draft.get(deliveryStreams, address.place, address.name);
  if (!stream) return 'missing';
  if (stream.DeliveryStreamType !== 'DirectPut') return 'undeliverable';
  const { accountId } = address.place;
  if (accountId !== place.accountId) {
    const session = crossAccountSession(access, {
      place,
      address,
      sourceRoleArn: members.DeliverLogsPermissionArn,
      destinationRoleArn: members.DeliverCrossAccountRole,
    });
    const linkedRole = `arn:aws:iam::${accountId}:role/aws-service-role/delivery.logs.amazonaws.com/AWSServiceRoleForLogDelivery`;
    const mayPrepare =
      session?.isAllowed('firehose:TagDeliveryStream', stream.DeliveryStreamARN) &&
      session.isAllowed('iam:CreateServiceLinkedRole', linkedRole);
    if (!mayPrepare) return 'denied';
  }
  return {
    prepare: (target) => {
      ensureServiceLinkedRole(target, accountId, 'AWSServiceRoleForLogDelivery', nowMs);
      const others = stream.tags.filter(({ Key }) => Key !== logDeliveryTag.Key);
      const isTagged = stream.tags.some(
        ({ Key, Value }) => Key === logDeliveryTag.Key && Value === logDeliveryTag.Value,
      );
      if (isTagged) return;
      const tags = [...others, logDeliveryTag];
      target.put(deliveryStreams, address.place, address.name, { ...stream, tags });
    },
  };
}
