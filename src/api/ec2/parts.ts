import type { Destinations } from '../../delivery/index.ts';
import type { FlowLogHealth } from '../../flowlog/index.ts';
import type { Resources } from '../../resource/index.ts';
import type { Identity } from '../../vpc/index.ts';
import type { Action } from '../action.ts';

/** What the actions of EC2 work on. */
export interface Ec2Parts {
  readonly resources: Resources;
  /** The home account and Region, and the zone of this host there. */
  readonly identity: Identity;
  /** How deliveries of a flow log go; absent where nothing is delivered. */
  readonly health?: ((flowLogId: string) => FlowLogHealth) | undefined;
  /** Whether buckets and streams can be delivered to; absent where only log groups are. */
  readonly destinations?: FlowLogDestinations | undefined;
}

/** What is asked of where flow logs deliver to before one is made. */
export type FlowLogDestinations = Pick<Destinations, 'isOutside' | 'checkOutside' | 'access'>;

/** Actions by AWS's names. */
export type Actions = Readonly<Record<string, Action>>;
