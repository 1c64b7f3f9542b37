import type { Action, ServiceApi } from '../action.ts';
import { absentKindActions } from './absent-kinds.ts';
import { accountAttributeActions } from './account-attributes.ts';
import { addressAssociationActions } from './address-associations.ts';
import { addressActions } from './addresses.ts';
import { ofNothing } from './arns.ts';
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
import type { Actions, Ec2Parts } from './parts.ts';
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
  const actions: Actions = {
    ...absentKindActions(parts),
    ...accountAttributeActions(parts),
    ...addressActions(parts),
    ...addressAssociationActions(parts),
    ...assignedAddressActions(parts),
    ...defaultVpcActions(parts),
    ...dhcpOptionsActions,
    ...egressOnlyInternetGatewayActions(parts),
    ...flowLogActions(parts),
    ...instanceActions(parts),
    ...instanceAttributeActions(parts),
    ...instanceStateActions(parts),
    ...interfaceAttachmentActions(parts),
    ...interfaceAttributeActions(parts),
    ...internetGatewayActions(parts),
    ...natGatewayActions(parts),
    ...networkAclActions(parts),
    ...networkAclEntryActions(parts),
    ...networkInterfaceActions(parts),
    ...prefixListActions(parts),
    ...regionActions(parts),
    ...routeActions(parts),
    ...routeTableActions(parts),
    ...routeTableAssociationActions(parts),
    ...securityGroupActions(parts),
    ...securityGroupRuleActions(parts),
    ...subnetActions(parts),
    ...subnetAttributeActions(parts),
    ...subnetBlockActions(parts),
    ...tagActions(parts),
    ...transitGatewayActions(parts),
    ...vpcActions(parts),
    ...vpcAttributeActions(parts),
    ...vpcCidrBlockActions(parts),
  };
  const asked = Object.entries(actions).map(([name, action]) => [name, askedOfIam(action)]);
  return { service: 'ec2', actions: Object.fromEntries(asked) };
}

/** EC2 has no action that everybody may do: one that names nothing, or only what is not there, is about `*`. */
function askedOfIam(action: Action): Action {
  return {
    ...action,
    targets: (input, call) => {
      const targets = action.targets?.(input, call) ?? [];
      return targets.length > 0 ? targets : ofNothing(input, call);
    },
  };
}
