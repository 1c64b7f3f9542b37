import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StreamSubscriptionSink } from '../../../src/delivery/index.ts';
import { ServiceAccess } from '../../../src/iam/index.ts';
import { isRemote, ServedAccount } from '../server.ts';
import {
  bucket,
  bucketPolicy,
  lifecycleConfiguration,
  object,
  ownershipControls,
  publicAccessBlock,
} from './buckets.ts';
import { flowLog, flowLogToBucket, flowLogToStream, logGroup, role, rolePolicy } from './flow-logs.ts';
import { eip, internetGateway, natGateway, subnet, vpc } from './network.ts';
import { openProvider, type Provider, type State } from './provider.ts';
import { ingressRule, networkAcl, securityGroup, securityGroupRule } from './rules.ts';
import { deliveryStream, subscriptionFilter } from './streams.ts';

/** In the order in which Terraform makes them; they go in the other one. */
const resources = [
  vpc,
  subnet,
  securityGroup,
  securityGroupRule,
  ingressRule,
  networkAcl,
  internetGateway,
  eip,
  natGateway,
  role,
  rolePolicy,
  logGroup,
  flowLog,
  bucket,
  publicAccessBlock,
  ownershipControls,
  bucketPolicy,
  lifecycleConfiguration,
  object,
  deliveryStream,
  subscriptionFilter,
  flowLogToBucket,
  flowLogToStream,
];

let served: ServedAccount;
let provider: Provider;
const states = new Map<string, State | undefined>();

beforeAll(async () => {
  served = await ServedAccount.open();
  provider = openProvider(served);
  if (isRemote) return;
  const { placedLogs, resources, authorizer, streams } = served.local;
  const access = new ServiceAccess(resources, authorizer);
  placedLogs.beginSubscriptions(new StreamSubscriptionSink({ view: resources, access, intake: streams }));
});

afterAll(() => served.close());

describe('what Terraform asks', () => {
  it('begins with who it is', async () => {
    const identity = await new STSClient(served.client()).send(new GetCallerIdentityCommand({}));
    expect(identity.Account).toBe(served.accountId);
  });

  it.each(resources)('apply makes $type and reads what was configured', async (resource) => {
    const id = await resource.create(provider);
    provider.made.set(resource.type, id);
    const state = await resource.read(provider, id);
    expect(state).toEqual(resource.configured(provider));
    states.set(resource.type, state);
  });

  it.each(resources)('a second plan finds no difference in $type', async (resource) => {
    const id = provider.made.get(resource.type) ?? '';
    expect(await resource.read(provider, id)).toEqual(states.get(resource.type));
  });

  it.each(resources.toReversed())('destroy takes $type away', async (resource) => {
    const id = provider.made.get(resource.type) ?? '';
    await resource.delete(provider, id);
    expect(await resource.read(provider, id)).toBeUndefined();
  });
});
