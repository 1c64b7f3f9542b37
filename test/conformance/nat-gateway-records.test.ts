import { afterAll, beforeAll, expect, it } from 'vitest';
import { tcpFlag } from '../../src/packet/index.ts';
import { networkOf } from '../../src/vpc/index.ts';
import { ethernet, tcpPacket } from '../frames.ts';
import { runFrames } from '../meter-harness.ts';
import { OpenedEc2 } from '../open-ec2.ts';

let ec2: OpenedEc2;
beforeAll(async () => {
  ec2 = await OpenedEc2.open();
});
afterAll(() => ec2.close());

const { syn, ack } = tcpFlag;
const router = '02:00:00:00:00:ff';
const host = '203.0.113.5';

/** The VPC guide's example: an instance in a private subnet, a NAT gateway in a public one. */
async function makeNetwork() {
  const { Vpc } = await ec2.run('CreateVpc', { CidrBlock: '10.0.0.0/16' });
  const { VpcId } = Vpc;
  const subnet = async (CidrBlock: string): Promise<string> =>
    (await ec2.run('CreateSubnet', { VpcId, CidrBlock })).Subnet.SubnetId;
  const [publicSubnet, privateSubnet] = [await subnet('10.0.0.0/24'), await subnet('10.0.1.0/24')];
  const { InternetGateway } = await ec2.run('CreateInternetGateway');
  await ec2.run('AttachInternetGateway', { VpcId, InternetGatewayId: InternetGateway.InternetGatewayId });
  const { AllocationId } = await ec2.run('AllocateAddress', { Domain: 'vpc' });
  const { NatGateway } = await ec2.run('CreateNatGateway', {
    SubnetId: publicSubnet,
    AllocationId,
    PrivateIpAddress: '10.0.0.220',
  });
  const { NetworkInterface } = await ec2.run('CreateNetworkInterface', {
    SubnetId: privateSubnet,
    PrivateIpAddress: '10.0.1.5',
  });
  const gatewayId = NatGateway.NatGatewayAddresses[0].NetworkInterfaceId;
  const { NetworkInterfaces } = await ec2.run('DescribeNetworkInterfaces', {
    NetworkInterfaceIds: [gatewayId],
  });
  return { gateway: NetworkInterfaces[0], instance: NetworkInterface };
}

it('a NAT gateway that was made through the API gives the four records of reference 9.6', async () => {
  const { gateway, instance } = await makeNetwork();
  expect(gateway).toMatchObject({ InterfaceType: 'nat_gateway', RequesterManaged: true });
  const request = { src: '10.0.1.5', dst: host, srcPort: 40_000, dstPort: 80, flags: syn };
  const reply = { src: host, dst: '10.0.1.5', srcPort: 80, dstPort: 40_000, flags: syn | ack };
  const at = (seconds: number, packet: Uint8Array, src: string, dst: string) => ({
    timeMs: (1_700_000_040 + seconds) * 1000,
    bytes: ethernet({ payload: packet, src, dst }),
  });
  const frames = [
    at(0, tcpPacket(request), instance.MacAddress, gateway.MacAddress),
    at(0.1, tcpPacket({ ...request, src: '10.0.0.220' }), gateway.MacAddress, router),
    at(0.2, tcpPacket({ ...reply, dst: '10.0.0.220' }), router, gateway.MacAddress),
    at(0.3, tcpPacket(reply), gateway.MacAddress, instance.MacAddress),
  ];
  const { lines } = await runFrames(frames, {
    network: networkOf(ec2.resources, ec2.place),
    format: 'interface-id srcaddr dstaddr pkt-srcaddr pkt-dstaddr action',
  });
  const atGateway = lines.filter((line) => line.startsWith(gateway.NetworkInterfaceId));
  expect(atGateway.map((line) => line.split(' ').slice(1).join(' '))).toEqual([
    `10.0.1.5 10.0.0.220 10.0.1.5 ${host} ACCEPT`,
    `10.0.0.220 ${host} 10.0.0.220 ${host} ACCEPT`,
    `${host} 10.0.0.220 ${host} 10.0.0.220 ACCEPT`,
    `10.0.0.220 10.0.1.5 ${host} 10.0.1.5 ACCEPT`,
  ]);
  expect(lines.filter((line) => line.startsWith(instance.NetworkInterfaceId))).toHaveLength(2);
});
