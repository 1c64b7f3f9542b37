import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OpenedEc2 } from '../../../test/open-ec2.ts';
import { sharedData } from '../../../test/shared-data.ts';
import { testNetwork } from '../../../test/test-network.ts';
import { loadNetwork, type Network, networkDifference, putNetwork } from '../../vpc/index.ts';

let ec2: OpenedEc2;
beforeAll(async () => {
  ec2 = await OpenedEc2.open();
});
afterAll(() => ec2.close());

/** What a later start with the same description would find changed, after changes beside it through the API. */
async function differenceAfter(region: string, network: Network, VpcId: string, CidrBlock: string) {
  const there = ec2.at({ region });
  await there.resources.write((draft) => putNetwork(draft, there.place, network));
  const { SubnetId } = (await there.run('CreateSubnet', { VpcId, CidrBlock })).Subnet;
  const { GroupId } = await there.run('CreateSecurityGroup', { GroupName: 'own', Description: 'd', VpcId });
  const { NetworkInterfaceId } = (await there.run('CreateNetworkInterface', { SubnetId, Groups: [GroupId] }))
    .NetworkInterface;
  await there.run('RunInstances', { ImageId: 'ami-12345678', MinCount: 1, MaxCount: 1, SubnetId });
  await there.run('DeleteNetworkInterface', { NetworkInterfaceId });
  return networkDifference(there.resources, there.place, network);
}

describe('an imported network', () => {
  it('is as it was after the user has made things in it', async () => {
    const network = testNetwork({
      vpcId: 'vpc-abcdefab012345678',
      interfaces: [{ id: 'eni-web', addresses: ['10.0.1.5'], groups: ['sg-web'] }],
      groups: { 'sg-web': { ingress: ['tcp 22 10.0.0.0/8'] } },
    });
    expect(await differenceAfter('eu-west-1', network, 'vpc-abcdefab012345678', '10.0.9.0/24')).toEqual([]);
  });

  it('shows ids that a person wrote', async () => {
    const there = ec2.at({ region: 'eu-west-1' });
    const NetworkInterfaceIds = ['eni-web'];
    const { NetworkInterfaces } = await there.run('DescribeNetworkInterfaces', { NetworkInterfaceIds });
    expect(NetworkInterfaces).toMatchObject([{ Groups: [{ GroupId: 'sg-web' }] }]);
    await there.run('AuthorizeSecurityGroupIngress', {
      GroupId: 'sg-web',
      IpPermissions: [{ IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: 'sg-web' }] }],
    });
  });

  it.skipIf(sharedData === undefined)(
    sharedData === undefined ? 'shared data are absent' : 'a real account is as it was too',
    async () => {
      const { network } = loadNetwork(`${sharedData}/aws/hybrid-cloud`);
      const difference = await differenceAfter('us-west-2', network, 'vpc-815775e7', '10.100.200.0/24');
      expect(difference).toEqual([]);
    },
  );
});
