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
}

/** Actions by AWS's names. */
export type Actions = Readonly<Record<string, Action>>;
