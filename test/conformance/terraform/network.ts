import {
  AllocateAddressCommand,
  AttachInternetGatewayCommand,
  CreateInternetGatewayCommand,
  CreateNatGatewayCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DeleteInternetGatewayCommand,
  DeleteNatGatewayCommand,
  DeleteSubnetCommand,
  DeleteVpcCommand,
  DescribeAddressesAttributeCommand,
  DescribeAddressesCommand,
  DescribeInternetGatewaysCommand,
  DescribeNatGatewaysCommand,
  DescribeNetworkAclsCommand,
  DescribeNetworkInterfacesCommand,
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcAttributeCommand,
  DescribeVpcsCommand,
  DetachInternetGatewayCommand,
  ModifySubnetAttributeCommand,
  ModifyVpcAttributeCommand,
  ReleaseAddressCommand,
} from '@aws-sdk/client-ec2';
import {
  idOf,
  type Provider,
  type Replayed,
  type State,
  shownTags,
  shownTagsConfigured,
  single,
  tags,
  unlessGone,
} from './provider.ts';

const ofVpc = (id: string) => ({ Name: 'vpc-id', Values: [id] });

async function readVpc({ ec2 }: Provider, id: string): Promise<State | undefined> {
  const found = await unlessGone(
    ec2.send(new DescribeVpcsCommand({ VpcIds: [id] })),
    'InvalidVpcID.NotFound',
  );
  if (!found?.Vpcs?.length) return undefined;
  const vpc = single(found.Vpcs);
  const hostnames = new DescribeVpcAttributeCommand({ VpcId: id, Attribute: 'enableDnsHostnames' });
  const support = new DescribeVpcAttributeCommand({ VpcId: id, Attribute: 'enableDnsSupport' });
  const metrics = new DescribeVpcAttributeCommand({
    VpcId: id,
    Attribute: 'enableNetworkAddressUsageMetrics',
  });
  const values = [
    (await ec2.send(hostnames)).EnableDnsHostnames?.Value,
    (await ec2.send(support)).EnableDnsSupport?.Value,
    (await ec2.send(metrics)).EnableNetworkAddressUsageMetrics?.Value,
  ];
  const acls = await ec2.send(
    new DescribeNetworkAclsCommand({ Filters: [{ Name: 'default', Values: ['true'] }, ofVpc(id)] }),
  );
  const tables = await ec2.send(
    new DescribeRouteTablesCommand({
      Filters: [{ Name: 'association.main', Values: ['true'] }, ofVpc(id)],
    }),
  );
  const groups = await ec2.send(
    new DescribeSecurityGroupsCommand({ Filters: [{ Name: 'group-name', Values: ['default'] }, ofVpc(id)] }),
  );
  return {
    cidr_block: vpc.CidrBlock,
    instance_tenancy: vpc.InstanceTenancy,
    owner: typeof vpc.OwnerId,
    dhcp_options: typeof vpc.DhcpOptionsId,
    attributes: values,
    default_network_acl_id: single(acls.NetworkAcls).NetworkAclId?.slice(0, 4),
    main_route_table_id: single(tables.RouteTables).RouteTableId?.slice(0, 4),
    default_security_group_id: single(groups.SecurityGroups).GroupId?.slice(0, 3),
    tags: shownTags(vpc.Tags),
  };
}

export const vpc: Replayed = {
  type: 'aws_vpc',
  create: async (provider) => {
    const { ec2 } = provider;
    const { Vpc } = await ec2.send(
      new CreateVpcCommand({
        CidrBlock: '10.40.0.0/16',
        InstanceTenancy: 'default',
        AmazonProvidedIpv6CidrBlock: false,
        TagSpecifications: [{ ResourceType: 'vpc', Tags: tags }],
      }),
    );
    const id = Vpc?.VpcId ?? '';
    const { Vpcs } = await ec2.send(new DescribeVpcsCommand({ VpcIds: [id] }));
    if (single(Vpcs).State !== 'available') throw new Error('the VPC is not available');
    await ec2.send(new ModifyVpcAttributeCommand({ VpcId: id, EnableDnsHostnames: { Value: true } }));
    return id;
  },
  read: readVpc,
  delete: async ({ ec2 }, id) => {
    await ec2.send(new DeleteVpcCommand({ VpcId: id }));
  },
  configured: () => ({
    cidr_block: '10.40.0.0/16',
    instance_tenancy: 'default',
    owner: 'string',
    dhcp_options: 'string',
    attributes: [true, true, false],
    default_network_acl_id: 'acl-',
    main_route_table_id: 'rtb-',
    default_security_group_id: 'sg-',
    tags: shownTagsConfigured,
  }),
};

export const subnet: Replayed = {
  type: 'aws_subnet',
  create: async (provider) => {
    const { ec2 } = provider;
    const { Subnet } = await ec2.send(
      new CreateSubnetCommand({
        VpcId: idOf(provider, 'aws_vpc'),
        CidrBlock: '10.40.1.0/24',
        TagSpecifications: [{ ResourceType: 'subnet', Tags: tags }],
      }),
    );
    const id = Subnet?.SubnetId ?? '';
    const { Subnets } = await ec2.send(new DescribeSubnetsCommand({ SubnetIds: [id] }));
    if (single(Subnets).State !== 'available') throw new Error('the subnet is not available');
    await ec2.send(new ModifySubnetAttributeCommand({ SubnetId: id, MapPublicIpOnLaunch: { Value: true } }));
    return id;
  },
  read: async ({ ec2 }, id) => {
    const asked = ec2.send(new DescribeSubnetsCommand({ SubnetIds: [id] }));
    const found = await unlessGone(asked, 'InvalidSubnetID.NotFound');
    if (!found?.Subnets?.length) return undefined;
    const one = single(found.Subnets);
    return {
      vpc_id: one.VpcId,
      cidr_block: one.CidrBlock,
      map_public_ip_on_launch: one.MapPublicIpOnLaunch,
      assign_ipv6_address_on_creation: one.AssignIpv6AddressOnCreation,
      enable_dns64: one.EnableDns64,
      ipv6_native: one.Ipv6Native,
      private_dns_hostname_type_on_launch: one.PrivateDnsNameOptionsOnLaunch?.HostnameType,
      availability_zone: typeof one.AvailabilityZone,
      availability_zone_id: typeof one.AvailabilityZoneId,
      arn: one.SubnetArn?.endsWith(`:subnet/${id}`),
      tags: shownTags(one.Tags),
    };
  },
  delete: async ({ ec2 }, id) => {
    // Interfaces that Lambda leaves behind are looked for first.
    await ec2.send(
      new DescribeNetworkInterfacesCommand({
        Filters: [
          { Name: 'subnet-id', Values: [id] },
          { Name: 'description', Values: ['AWS Lambda VPC ENI*'] },
        ],
      }),
    );
    await ec2.send(new DeleteSubnetCommand({ SubnetId: id }));
  },
  configured: (provider) => ({
    vpc_id: idOf(provider, 'aws_vpc'),
    cidr_block: '10.40.1.0/24',
    map_public_ip_on_launch: true,
    assign_ipv6_address_on_creation: false,
    enable_dns64: false,
    ipv6_native: false,
    private_dns_hostname_type_on_launch: 'ip-name',
    availability_zone: 'string',
    availability_zone_id: 'string',
    arn: true,
    tags: shownTagsConfigured,
  }),
};

/** Without one a public NAT gateway fails. */
export const internetGateway: Replayed = {
  type: 'aws_internet_gateway',
  create: async (provider) => {
    const { ec2 } = provider;
    const { InternetGateway } = await ec2.send(
      new CreateInternetGatewayCommand({
        TagSpecifications: [{ ResourceType: 'internet-gateway', Tags: tags }],
      }),
    );
    const InternetGatewayId = InternetGateway?.InternetGatewayId ?? '';
    const VpcId = idOf(provider, 'aws_vpc');
    await ec2.send(new AttachInternetGatewayCommand({ InternetGatewayId, VpcId }));
    const asked = new DescribeInternetGatewaysCommand({ InternetGatewayIds: [InternetGatewayId] });
    const { Attachments } = single((await ec2.send(asked)).InternetGateways);
    if (single(Attachments).State !== ('available' as string)) throw new Error('it is not attached');
    return InternetGatewayId;
  },
  read: async ({ ec2 }, id) => {
    const asked = ec2.send(new DescribeInternetGatewaysCommand({ InternetGatewayIds: [id] }));
    const found = await unlessGone(asked, 'InvalidInternetGatewayID.NotFound');
    if (!found?.InternetGateways?.length) return undefined;
    const { Attachments, OwnerId, Tags } = single(found.InternetGateways);
    return { vpc_id: single(Attachments).VpcId, owner_id: typeof OwnerId, tags: shownTags(Tags) };
  },
  delete: async (provider, id) => {
    const { ec2 } = provider;
    const VpcId = idOf(provider, 'aws_vpc');
    await ec2.send(new DetachInternetGatewayCommand({ InternetGatewayId: id, VpcId }));
    await ec2.send(new DeleteInternetGatewayCommand({ InternetGatewayId: id }));
  },
  configured: (provider) => ({
    vpc_id: idOf(provider, 'aws_vpc'),
    owner_id: 'string',
    tags: shownTagsConfigured,
  }),
};

export const eip: Replayed = {
  type: 'aws_eip',
  create: async ({ ec2 }) => {
    const { AllocationId = '' } = await ec2.send(
      new AllocateAddressCommand({
        Domain: 'vpc',
        TagSpecifications: [{ ResourceType: 'elastic-ip', Tags: tags }],
      }),
    );
    single((await ec2.send(new DescribeAddressesCommand({ AllocationIds: [AllocationId] }))).Addresses);
    return AllocationId;
  },
  read: async ({ ec2 }, id) => {
    const asked = ec2.send(new DescribeAddressesCommand({ AllocationIds: [id] }));
    const found = await unlessGone(asked, 'InvalidAllocationID.NotFound', 'InvalidAddress.NotFound');
    if (!found?.Addresses?.length) return undefined;
    const address = single(found.Addresses);
    const { Addresses = [] } = await ec2.send(
      new DescribeAddressesAttributeCommand({ AllocationIds: [id], Attribute: 'domain-name' }),
    );
    return {
      domain: address.Domain,
      network_border_group: typeof address.NetworkBorderGroup,
      public_ipv4_pool: address.PublicIpv4Pool,
      public_ip: typeof address.PublicIp,
      ptr_record: Addresses[0]?.PtrRecord,
      tags: shownTags(address.Tags),
    };
  },
  delete: async ({ ec2 }, id) => {
    await ec2.send(new ReleaseAddressCommand({ AllocationId: id }));
  },
  configured: () => ({
    domain: 'vpc',
    network_border_group: 'string',
    public_ipv4_pool: 'amazon',
    public_ip: 'string',
    ptr_record: undefined,
    tags: shownTagsConfigured,
  }),
};

export const natGateway: Replayed = {
  type: 'aws_nat_gateway',
  create: async (provider) => {
    const { ec2, name } = provider;
    const { NatGateway } = await ec2.send(
      new CreateNatGatewayCommand({
        ClientToken: name,
        AllocationId: idOf(provider, 'aws_eip'),
        SubnetId: idOf(provider, 'aws_subnet'),
        ConnectivityType: 'public',
        TagSpecifications: [{ ResourceType: 'natgateway', Tags: tags }],
      }),
    );
    const id = NatGateway?.NatGatewayId ?? '';
    await untilState(provider, id, 'available');
    return id;
  },
  read: async ({ ec2 }, id) => {
    const asked = ec2.send(new DescribeNatGatewaysCommand({ NatGatewayIds: [id] }));
    const found = await unlessGone(asked, 'NatGatewayNotFound');
    const one = found?.NatGateways?.length ? single(found.NatGateways) : undefined;
    if (!one || one.State === 'deleted') return undefined;
    const primary = single(one.NatGatewayAddresses?.filter(({ IsPrimary }) => IsPrimary));
    return {
      subnet_id: one.SubnetId,
      vpc_id: one.VpcId,
      connectivity_type: one.ConnectivityType,
      allocation_id: primary.AllocationId,
      network_interface_id: typeof primary.NetworkInterfaceId,
      private_ip: typeof primary.PrivateIp,
      public_ip: typeof primary.PublicIp,
      association_id: typeof primary.AssociationId,
      tags: shownTags(one.Tags),
    };
  },
  delete: async (provider, id) => {
    await provider.ec2.send(new DeleteNatGatewayCommand({ NatGatewayId: id }));
    await untilState(provider, id, 'deleted');
  },
  configured: (provider) => ({
    subnet_id: idOf(provider, 'aws_subnet'),
    vpc_id: idOf(provider, 'aws_vpc'),
    connectivity_type: 'public',
    allocation_id: idOf(provider, 'aws_eip'),
    network_interface_id: 'string',
    private_ip: 'string',
    public_ip: 'string',
    association_id: 'string',
    tags: shownTagsConfigured,
  }),
};

/** The provider asks every few seconds for minutes; here it is so at once, or gone. */
async function untilState({ ec2 }: Provider, id: string, state: string): Promise<void> {
  const asked = ec2.send(new DescribeNatGatewaysCommand({ NatGatewayIds: [id] }));
  const found = await unlessGone(asked, 'NatGatewayNotFound');
  const one = found?.NatGateways?.[0];
  if (one ? one.State !== state : state !== 'deleted') throw new Error(`the NAT gateway is ${one?.State}`);
}
