import { afterAll, beforeAll, expect, it } from 'vitest';
import { OpenedEc2 } from '../../../test/open-ec2.ts';
import { subnets } from '../../vpc/index.ts';

let ec2: OpenedEc2;
let SubnetId: string;
beforeAll(async () => {
  ec2 = await OpenedEc2.open();
  const { VpcId } = (await ec2.run('CreateVpc', { CidrBlock: '10.0.0.0/16' })).Vpc;
  SubnetId = (await ec2.run('CreateSubnet', { VpcId, CidrBlock: '10.0.0.0/24' })).Subnet.SubnetId;
  await putIpv6Block('2001:db8::/64');
});
afterAll(() => ec2.close());

/** Any block, as a loaded network may have. */
const putIpv6Block = (Ipv6CidrBlock: string) =>
  ec2.resources.write((draft) => {
    const subnet = draft.get(subnets, ec2.place, SubnetId)!;
    draft.put(subnets, ec2.place, SubnetId, { ...subnet, Ipv6CidrBlockAssociationSet: [{ Ipv6CidrBlock }] });
  });

it.each(['2001:db8::', '2001:db8::3', '2001:db8::ffff:ffff:ffff:ffff'])(
  'AWS keeps %s of an IPv6 block for itself',
  async (Ipv6Address) => {
    const input = { SubnetId, Ipv6Addresses: [{ Ipv6Address }] };
    expect(await ec2.refused('CreateNetworkInterface', input)).toBe(
      `InvalidParameterValue: Address ${Ipv6Address} is in subnet's reserved address range`,
    );
  },
);

it.each(['2001:db8::4', '2001:db8:0:0:1::', '2001:db8::ffff:ffff:ffff:fffe', '2001:db8::8000:0'])(
  '%s is free',
  async (Ipv6Address) => {
    const input = { SubnetId, Ipv6Addresses: [{ Ipv6Address }] };
    const { Ipv6Addresses } = (await ec2.run('CreateNetworkInterface', input)).NetworkInterface;
    expect(Ipv6Addresses).toEqual([{ Ipv6Address }]);
  },
);

it('a block of one address is full soon', async () => {
  await putIpv6Block('2001:db8:1::/128');
  const input = { SubnetId, Ipv6AddressCount: 1 };
  expect(await ec2.refused('CreateNetworkInterface', input)).toMatch(/^InsufficientFreeAddressesInSubnet: /);
});
