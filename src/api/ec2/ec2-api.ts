import type { ServiceApi } from '../action.ts';
import { absentKindActions } from './absent-kinds.ts';
import { accountAttributeActions } from './account-attributes.ts';
import { addressAssociationActions } from './address-associations.ts';
import { addressActions } from './addresses.ts';
import { assignedAddressActions } from './assigned-addresses.ts';
import { defaultVpcActions } from './default-vpc.ts';
import { dhcpOptionsActions } from './dhcp-options.ts';
import { egressOnlyInternetGatewayActions } from './egress-only-internet-gateways.ts';
import { flowLogActions } from './flow-logs.ts';
import { instanceAttributeActions } from './instance-attributes.ts';
import { instanceStateActions } from './instance-states.ts';
import { instanceActions } from './instances.ts';
import { interfaceAttachmentActions } from './interface-attachments.ts';
import { interfaceAttributeActions } from './interface-attributes.ts';
import { internetGatewayActions } from './internet-gateways.ts';
import { natGatewayActions } from './nat-gateways.ts';
import { networkAclEntryActions } from './network-acl-entries.ts';
import { networkAclActions } from './network-acls.ts';
import { networkInterfaceActions } from './network-interfaces.ts';
import type { Ec2Parts } from './parts.ts';
import { prefixListActions } from './prefix-lists.ts';
import { regionActions } from './regions.ts';
import { routeTableAssociationActions } from './route-table-associations.ts';
import { routeTableActions } from './route-tables.ts';
import { routeActions } from './routes.ts';
import { securityGroupRuleActions } from './security-group-rules.ts';
import { securityGroupActions } from './security-groups.ts';
import { subnetAttributeActions } from './subnet-attributes.ts';
import { subnetBlockActions } from './subnet-blocks.ts';
import { subnetActions } from './subnets.ts';
import { tagActions } from './tags.ts';
import { transitGatewayActions } from './transit-gateways.ts';
import { vpcAttributeActions } from './vpc-attributes.ts';
import { vpcCidrBlockActions } from './vpc-cidr-blocks.ts';
import { vpcActions } from './vpcs.ts';

/** EC2: the network as resources, and the flow logs on it. */
export function ec2Api(parts: Ec2Parts): ServiceApi {
  return {
    service: 'ec2',
    actions: {
      ...networkAclActions(parts),
      ...assignedAddressActions(parts),
      ...interfaceAttributeActions(parts),
      ...interfaceAttachmentActions(parts),
      ...networkInterfaceActions(parts),
      ...securityGroupActions(parts),
      ...networkAclEntryActions(parts),
      ...securityGroupRuleActions(parts),
      ...vpcCidrBlockActions(parts),
      ...vpcAttributeActions(parts),
      ...vpcActions(parts),
      ...transitGatewayActions(parts),
      ...subnetBlockActions(parts),
      ...subnetAttributeActions(parts),
      ...subnetActions(parts),
      ...routeTableAssociationActions(parts),
      ...routeTableActions(parts),
      ...routeActions(parts),
      ...regionActions(parts),
      ...prefixListActions(parts),
      ...natGatewayActions(parts),
      ...internetGatewayActions(parts),
      ...egressOnlyInternetGatewayActions(parts),
      ...dhcpOptionsActions,
      ...defaultVpcActions(parts),
      ...addressAssociationActions(parts),
      ...addressActions(parts),
      ...absentKindActions(parts),
      ...accountAttributeActions(parts),
      ...assignedAddressActions(parts),
      ...instanceActions(parts),
      ...instanceAttributeActions(parts),
      ...instanceStateActions(parts),
      ...interfaceAttachmentActions(parts),
      ...interfaceAttributeActions(parts),
      ...networkAclActions(parts),
      ...networkAclEntryActions(parts),
      ...networkInterfaceActions(parts),
      ...securityGroupActions(parts),
      ...securityGroupRuleActions(parts),
      ...flowLogActions(parts),
      ...tagActions(parts),
    },
  };
}
