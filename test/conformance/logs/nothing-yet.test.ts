import {
  AssociateKmsKeyCommand,
  CloudWatchLogsClient,
  DescribeAccountPoliciesCommand,
  DescribeDeliveriesCommand,
  DescribeDeliveryDestinationsCommand,
  DescribeDeliverySourcesCommand,
  DescribeDestinationsCommand,
  DescribeExportTasksCommand,
  DescribeFieldIndexesCommand,
  ListIntegrationsCommand,
  ListLogAnomalyDetectorsCommand,
  ListScheduledQueriesCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isRemote, refusal, ServedAccount } from '../server.ts';

let served: ServedAccount;
let logs: CloudWatchLogsClient;

beforeAll(async () => {
  served = await ServedAccount.open();
  logs = new CloudWatchLogsClient(served.client());
});

afterAll(() => served.close());

describe.skipIf(isRemote)('serialization', () => {
  it.each([
    [
      'accountPolicies',
      () => logs.send(new DescribeAccountPoliciesCommand({ policyType: 'METRIC_EXTRACTION_POLICY' })),
    ],
    ['deliveries', () => logs.send(new DescribeDeliveriesCommand({}))],
    ['deliveryDestinations', () => logs.send(new DescribeDeliveryDestinationsCommand({}))],
    ['deliverySources', () => logs.send(new DescribeDeliverySourcesCommand({}))],
    ['destinations', () => logs.send(new DescribeDestinationsCommand({}))],
    ['exportTasks', () => logs.send(new DescribeExportTasksCommand({}))],
    ['fieldIndexes', () => logs.send(new DescribeFieldIndexesCommand({ logGroupIdentifiers: ['g'] }))],
    ['integrationSummaries', () => logs.send(new ListIntegrationsCommand({}))],
    ['anomalyDetectors', () => logs.send(new ListLogAnomalyDetectorsCommand({}))],
    ['scheduledQueries', () => logs.send(new ListScheduledQueriesCommand({}))],
  ] as const)('there are no %s', async (member, ask) => {
    const { $metadata, ...answer } = (await ask()) as { $metadata: unknown };
    expect(answer).toEqual({ [member]: [] });
  });
});

describe('validation', () => {
  it('is of these, too', async () => {
    const asked = logs.send(new DescribeExportTasksCommand({ limit: 51 }));
    expect(await refusal(asked)).toEqual({
      code: 'InvalidParameterException',
      status: 400,
      message:
        "1 validation error detected: Value '51' at 'limit' failed to satisfy constraint: " +
        'Member must have value less than or equal to 50',
    });
  });
});

describe.skipIf(isRemote)('behaviour', () => {
  it('what Headgate does not have says so', async () => {
    const asked = logs.send(new AssociateKmsKeyCommand({ logGroupName: 'g', kmsKeyId: 'k' }));
    expect(await refusal(asked)).toEqual({
      code: 'UnknownOperationException',
      status: 400,
      message: 'Headgate does not support logs:AssociateKmsKey.',
    });
  });
});
