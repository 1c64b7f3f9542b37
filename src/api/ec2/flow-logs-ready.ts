import type { DestinationFault } from '../../delivery/index.ts';
import type { Draft } from '../../resource/index.ts';
import type { Call } from '../action.ts';
import { type DeliveryAccess, type ReadyDestination, readyBucket } from './flow-logs-bucket.ts';
import type { DestinationMembers } from './flow-logs-destination.ts';
import { readyStream } from './flow-logs-stream.ts';

/** What CreateFlowLogs knows of its destination before it changes anything. */
export interface DestinationCheck {
  /** What lets deliveries into buckets and streams of Headgate's own; absent where nothing is delivered to them. */
  readonly access: DeliveryAccess | undefined;
  /** Of a destination outside: what came of asking there. */
  readonly outside: 'reachable' | DestinationFault | undefined;
}

const nothing: ReadyDestination = { prepare: () => undefined };

/** The destination, ready to be delivered to with the first flow log; or why it cannot be. */
export function readyDestination(
  draft: Draft,
  call: Pick<Call, 'place' | 'nowMs' | 'isAllowed'>,
  members: DestinationMembers,
  { access, outside }: DestinationCheck,
): ReadyDestination | DestinationFault {
  if (members.LogDestinationType === 'cloud-watch-logs') return nothing;
  if (outside !== undefined) return outside === 'reachable' ? nothing : outside;
  if (!access) return 'missing';
  return members.LogDestinationType === 's3'
    ? readyBucket(draft, call, members, access)
    : readyStream(draft, call, members, access);
}

/**
 * How a destination that cannot be delivered to is told of each resource; the request itself succeeds. The code is the
 * text `400`, as AWS has it.
 */
export function destinationFaultItem(
  fault: DestinationFault,
  { LogDestination = '' }: DestinationMembers,
): { readonly Code: string; readonly Message: string } {
  const name = /(?::::|deliverystream[/:])([^/]+)/.exec(LogDestination)?.[1] ?? '';
  const code = fault === 'policy-too-large' ? 'LogDestinationPermissionIssueException' : '400';
  return { Code: code, Message: sentences[fault](name) };
}

const sentences: Readonly<Record<DestinationFault, (name: string) => string>> = {
  missing: (name) => `LogDestination: ${name} does not exist`,
  denied: (name) => `Access Denied for LogDestination: ${name}. Please check LogDestination permission`,
  undeliverable: (name) => `LogDestination ${name} is undeliverable`,
  'policy-too-large': (name) => `The policy of LogDestination ${name} would be larger than 20 KB`,
};
