import type { DescribeAccountAttributesRequest } from '@aws-sdk/client-ec2';
import type { Place, ResourceView } from '../../resource/index.ts';
import { vpcs } from '../../vpc/index.ts';
import type { Call } from '../action.ts';
import { ofNothing } from './arns.ts';
import { ec2Errors } from './errors.ts';
import type { Actions, Ec2Parts } from './parts.ts';

export function accountAttributeActions({ resources }: Ec2Parts): Actions {
  return {
    DescribeAccountAttributes: {
      targets: ofNothing,
      run: ({ AttributeNames = [] }: DescribeAccountAttributesRequest, { place }: Call) => {
        const all = attributesOf(resources, place);
        const unknown = AttributeNames.find((name) => !Object.hasOwn(all, name));
        if (unknown !== undefined) {
          throw ec2Errors.invalidParameterValue(unknown, 'attributeName', 'Unknown attribute.');
        }
        const names = AttributeNames.length > 0 ? AttributeNames : Object.keys(all);
        return {
          AccountAttributes: names.map((name) => ({
            AttributeName: name,
            AttributeValues: [{ AttributeValue: all[name] }],
          })),
        };
      },
    },
  };
}

/** The default quotas of an AWS account; those on numbers of resources are not enforced. */
function attributesOf(view: ResourceView, place: Place): Record<string, string> {
  const defaultVpc = [...view.list(vpcs, place)].find(({ IsDefault }) => IsDefault)?.VpcId;
  return {
    'supported-platforms': 'VPC',
    'vpc-max-security-groups-per-interface': '5',
    'max-elastic-ips': '5',
    'max-instances': '20',
    'vpc-max-elastic-ips': '5',
    'default-vpc': defaultVpc ?? 'none',
  };
}
