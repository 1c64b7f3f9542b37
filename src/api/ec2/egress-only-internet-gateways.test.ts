import { afterAll, beforeAll, expect, it } from 'vitest';
import { OpenedEc2 } from '../../../test/open-ec2.ts';

let ec2: OpenedEc2;
beforeAll(async () => {
  ec2 = await OpenedEc2.open();
});
afterAll(() => ec2.close());

const nobodys = 'eigw-0123456789abcdef0';

it('one that is not there is not found, but described as nothing', async () => {
  const { VpcId } = (await ec2.run('CreateVpc', { CidrBlock: '10.0.0.0/16' })).Vpc;
  const made = await ec2.run('CreateEgressOnlyInternetGateway', { VpcId });
  const { EgressOnlyInternetGatewayId } = made.EgressOnlyInternetGateway;
  const describeOnes = async (ids: string[]) =>
    (await ec2.run('DescribeEgressOnlyInternetGateways', { EgressOnlyInternetGatewayIds: ids }))
      .EgressOnlyInternetGateways;
  expect(await describeOnes([EgressOnlyInternetGatewayId, nobodys])).toEqual([
    {
      EgressOnlyInternetGatewayId,
      Attachments: [{ State: 'attached', VpcId }],
      Tags: [],
    },
  ]);
  expect(await describeOnes([nobodys])).toEqual([]);
  expect(await ec2.refused('DeleteEgressOnlyInternetGateway', { EgressOnlyInternetGatewayId: nobodys })).toBe(
    `InvalidGatewayID.NotFound: The eigw ID '${nobodys}' does not exist`,
  );
  expect(await ec2.run('DeleteEgressOnlyInternetGateway', { EgressOnlyInternetGatewayId })).toEqual({
    ReturnCode: true,
  });
});
