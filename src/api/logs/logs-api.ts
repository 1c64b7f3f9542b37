import type { Resources } from '../../resource/index.ts';
import type { Action, ServiceApi } from '../action.ts';
import { type LogsAt, logsActions } from './actions.ts';
import { resourcePolicyActions } from './resource-policies.ts';
import { withSealedTokens } from './sealed-tokens.ts';
import { ofNothing } from './targets.ts';

/** Asked for by tools before anything else; there is never one of them. */
const withoutAny = {
  DescribeAccountPolicies: 'accountPolicies',
  DescribeDeliveries: 'deliveries',
  DescribeDeliveryDestinations: 'deliveryDestinations',
  DescribeDeliverySources: 'deliverySources',
  DescribeDestinations: 'destinations',
  DescribeExportTasks: 'exportTasks',
  DescribeFieldIndexes: 'fieldIndexes',
  ListIntegrations: 'integrationSummaries',
  ListLogAnomalyDetectors: 'anomalyDetectors',
  ListScheduledQueries: 'scheduledQueries',
} as const;

export function logsApi(parts: { readonly logsAt: LogsAt; readonly resources: Resources }): ServiceApi {
  const empty = Object.entries(withoutAny).map(([action, member]): [string, Action] => [
    action,
    { targets: ofNothing, run: () => ({ [member]: [] }) },
  ]);
  return {
    service: 'logs',
    actions: {
      ...withSealedTokens(logsActions(parts.logsAt)),
      ...resourcePolicyActions(parts.resources),
      ...Object.fromEntries(empty),
    },
  };
}
