import type { RoleSession, ServiceAccess } from '../iam/service-access.ts';
import type { Place } from '../resource/index.ts';
import type { DeliveryStreamResource } from '../stream/kinds.ts';
import { deliverySource, type StreamAddress } from './log-delivery.ts';

export interface StreamAccessRequest {
  /** Of the flow log. */
  readonly place: Place;
  readonly address: StreamAddress;
  /** Of a flow log to another account's stream: its own account's role, and that account's. */
  readonly sourceRoleArn: string | undefined;
  readonly destinationRoleArn: string | undefined;
}

/** How the names of the roles begin that let other accounts deliver to streams. */
const crossAccountName =
  /^arn:[^:]+:iam::[0-9]{12}:role\/(?:.*\/)?AWSLogDeliveryFirehoseCrossAccountRole[^/]*$/;

/** The role that log delivery has in each account whose streams it delivers to. */
function linkedRoleArn(accountId: string): string {
  return `arn:aws:iam::${accountId}:role/aws-service-role/delivery.logs.amazonaws.com/AWSServiceRoleForLogDelivery`;
}

/**
 * The role of the account that owns another account's stream, as log delivery comes to it: through a role of the flow
 * log's account. Undefined: one of the two does not let it.
 */
export function crossAccountSession(
  access: Pick<ServiceAccess, 'assume'>,
  { place, address, sourceRoleArn = '', destinationRoleArn = '' }: StreamAccessRequest,
): RoleSession | undefined {
  const isItsRole =
    crossAccountName.test(destinationRoleArn) && destinationRoleArn.split(':')[4] === address.place.accountId;
  if (!isItsRole) return undefined;
  return access.assume(sourceRoleArn, deliverySource(place))?.assume(destinationRoleArn);
}

/** Why the service's role may not put records into the stream; undefined when it may. */
export function deniedByStream(
  access: Pick<ServiceAccess, 'assume'>,
  request: StreamAccessRequest,
  { DeliveryStreamARN, tags }: Pick<DeliveryStreamResource, 'DeliveryStreamARN' | 'tags'>,
): string | undefined {
  const { place, address } = request;
  const { accountId } = address.place;
  if (accountId !== place.accountId && !crossAccountSession(access, request)) {
    return `the roles ${request.sourceRoleArn} and ${request.destinationRoleArn} do not lead to account ${accountId}`;
  }
  const roleArn = linkedRoleArn(accountId);
  const session = access.assume(roleArn, { ...deliverySource(place), accountId });
  if (!session) return `${roleArn} cannot be assumed by log delivery`;
  const keys = Object.fromEntries(tags.map(({ Key, Value = '' }) => [`aws:ResourceTag/${Key}`, Value]));
  if (session.isAllowed('firehose:PutRecordBatch', DeliveryStreamARN, keys)) return undefined;
  return `firehose:PutRecordBatch on ${DeliveryStreamARN} is not allowed; is its tag LogDeliveryEnabled still "true"?`;
}
