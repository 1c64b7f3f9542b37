import type { ServiceApi } from '../action.ts';
import { flowLogActions } from './flow-logs.ts';
import type { Ec2Parts } from './parts.ts';
import { tagActions } from './tags.ts';

/** EC2: the network as resources, and the flow logs on it. */
export function ec2Api(parts: Ec2Parts): ServiceApi {
  return {
    service: 'ec2',
    actions: {
      ...flowLogActions(parts),
      ...tagActions(parts),
    },
  };
}
