import type {
  DescribeVpcAttributeRequest,
  ModifyVpcAttributeRequest,
  ModifyVpcTenancyRequest,
} from '@aws-sdk/client-ec2';
import type { Draft, Place, ResourceView } from '../../resource/index.ts';
import { vpcs } from '../../vpc/index.ts';
import type { Call } from '../action.ts';
import { existingTargets } from './arns.ts';
import { ec2Errors } from './errors.ts';
import { existing } from './lookup.ts';
import type { Actions, Ec2Parts } from './parts.ts';
import { resourceTypes } from './resource-types.ts';

/** Attributes as requests name them, with the member of answers and of the resource. */
const attributes = {
  enableDnsSupport: 'EnableDnsSupport',
  enableDnsHostnames: 'EnableDnsHostnames',
  enableNetworkAddressUsageMetrics: 'EnableNetworkAddressUsageMetrics',
} as const;

type Attribute = keyof typeof attributes;

export function vpcAttributeActions({ resources }: Ec2Parts): Actions {
  const targets = ({ VpcId }: { VpcId?: string | undefined }, call: Call) =>
    existingTargets(resources, resourceTypes.vpc, call, [VpcId]);
  return {
    DescribeVpcAttribute: {
      targets,
      run: (input: DescribeVpcAttributeRequest, { place }: Call) => attributeOf(resources, place, input),
    },
    ModifyVpcAttribute: {
      targets,
      run: (input: ModifyVpcAttributeRequest, { place }: Call) =>
        resources.write((draft) => modifyAttribute(draft, place, input)),
    },
    ModifyVpcTenancy: {
      targets,
      run: ({ VpcId }: ModifyVpcTenancyRequest, { place }: Call) =>
        resources.write((draft) => {
          const vpc = existing(draft, resourceTypes.vpc, place, VpcId);
          draft.put(vpcs, place, VpcId!, { ...vpc, InstanceTenancy: 'default' });
          return { ReturnValue: true };
        }),
    },
  };
}

function attributeOf(view: ResourceView, place: Place, { VpcId, Attribute }: DescribeVpcAttributeRequest) {
  const vpc = existing(view, resourceTypes.vpc, place, VpcId);
  if (!Attribute || !Object.hasOwn(attributes, Attribute)) {
    throw ec2Errors.invalidParameterValue(String(Attribute), 'attribute', 'Unknown attribute.');
  }
  return { VpcId, [attributes[Attribute]]: { Value: vpc[Attribute] } };
}

function modifyAttribute(draft: Draft, place: Place, input: ModifyVpcAttributeRequest): object {
  const vpc = existing(draft, resourceTypes.vpc, place, input.VpcId);
  const named = Object.keys(attributes) as Attribute[];
  const given = named.filter((name) => input[attributes[name]]?.Value !== undefined);
  if (given.length === 0) throw ec2Errors.invalidCombination('No attributes specified.');
  if (given.length > 1) {
    throw ec2Errors.invalidCombination(`Fields for multiple attribute types specified: ${given.join(', ')}`);
  }
  const value = input[attributes[given[0]]]?.Value ?? false;
  draft.put(vpcs, place, input.VpcId!, { ...vpc, [given[0]]: value });
  return {};
}
