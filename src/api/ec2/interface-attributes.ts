import type {
  DescribeNetworkInterfaceAttributeRequest,
  ModifyNetworkInterfaceAttributeRequest,
  NetworkInterfaceAttachmentChanges,
  ResetNetworkInterfaceAttributeRequest,
} from '@aws-sdk/client-ec2';
import { ServiceError } from '../../fault/index.ts';
import type { Draft, Place, ResourceView } from '../../resource/index.ts';
import { type NetworkInterfaceResource, networkInterfaces } from '../../vpc/index.ts';
import type { Call } from '../action.ts';
import { existingTargets } from './arns.ts';
import { ec2Errors } from './errors.ts';
import { ownInterface } from './interface-guards.ts';
import { subject } from './lookup.ts';
import { groupsOf, trackingOf } from './new-interface.ts';
import type { Actions, Ec2Parts } from './parts.ts';
import { resourceTypes } from './resource-types.ts';

export function interfaceAttributeActions({ resources }: Ec2Parts): Actions {
  const targets = ({ NetworkInterfaceId }: { NetworkInterfaceId?: string | undefined }, call: Call) =>
    existingTargets(resources, resourceTypes.networkInterface, call, [NetworkInterfaceId]);
  return {
    DescribeNetworkInterfaceAttribute: {
      targets,
      run: (input: DescribeNetworkInterfaceAttributeRequest, { place }: Call) =>
        describeAttribute(resources, place, input),
    },
    ModifyNetworkInterfaceAttribute: {
      targets: (input: ModifyNetworkInterfaceAttributeRequest, call: Call) => [
        ...targets(input, call),
        ...existingTargets(resources, resourceTypes.securityGroup, call, input.Groups ?? []),
      ],
      run: (input: ModifyNetworkInterfaceAttributeRequest, { place }: Call) =>
        resources.write((draft) => modifyAttribute(draft, place, input)),
    },
    ResetNetworkInterfaceAttribute: {
      targets,
      run: ({ NetworkInterfaceId }: ResetNetworkInterfaceAttributeRequest, { place }: Call) =>
        resources.write((draft) => {
          const found = ownInterface(draft, place, NetworkInterfaceId);
          put(draft, place, { ...found, SourceDestCheck: true });
          return {};
        }),
    },
  };
}

function put(draft: Draft, place: Place, networkInterface: NetworkInterfaceResource): void {
  draft.put(networkInterfaces, place, networkInterface.NetworkInterfaceId!, networkInterface);
}

function describeAttribute(
  view: ResourceView,
  place: Place,
  { NetworkInterfaceId, Attribute }: DescribeNetworkInterfaceAttributeRequest,
) {
  const found = subject(view, resourceTypes.networkInterface, place, NetworkInterfaceId);
  return { NetworkInterfaceId, ...attributeOf(found, Attribute) };
}

function attributeOf(found: NetworkInterfaceResource, attribute: string | undefined): object {
  switch (attribute) {
    case 'description':
      return { Description: { Value: found.Description ?? '' } };
    case 'groupSet':
      return { Groups: found.Groups ?? [] };
    case 'sourceDestCheck':
      return { SourceDestCheck: { Value: found.SourceDestCheck ?? true } };
    case 'attachment':
      return found.Attachment ? { Attachment: found.Attachment } : {};
    case 'associatePublicIpAddress':
      return { AssociatePublicIpAddress: found.Association !== undefined };
    case undefined:
      throw ec2Errors.missingParameter('attribute');
    default:
      throw ec2Errors.invalidParameterValue(attribute, 'attribute', 'Unknown attribute.');
  }
}

const attributes = [
  'Description',
  'SourceDestCheck',
  'Groups',
  'Attachment',
  'ConnectionTrackingSpecification',
  'EnaSrdSpecification',
  'EnablePrimaryIpv6',
  'AssociatePublicIpAddress',
] as const satisfies readonly (keyof ModifyNetworkInterfaceAttributeRequest)[];

function modifyAttribute(draft: Draft, place: Place, input: ModifyNetworkInterfaceAttributeRequest): object {
  const found = ownInterface(draft, place, input.NetworkInterfaceId);
  const given = attributes.filter((name) => input[name] !== undefined);
  if (given.length === 0) throw ec2Errors.missingParameter('attribute');
  if (given.length > 1) {
    throw ec2Errors.invalidCombination(`Fields for multiple attribute types specified: ${given.join(', ')}`);
  }
  put(draft, place, modified(draft, place, found, input));
  return {};
}

function modified(
  view: ResourceView,
  place: Place,
  found: NetworkInterfaceResource,
  input: ModifyNetworkInterfaceAttributeRequest,
): NetworkInterfaceResource {
  const { Description, SourceDestCheck, Groups, Attachment, ConnectionTrackingSpecification } = input;
  if (Description) return { ...found, Description: Description.Value ?? '' };
  if (SourceDestCheck) return { ...found, SourceDestCheck: SourceDestCheck.Value ?? true };
  if (Groups) return { ...found, Groups: groupsOf(view, place, found, Groups) };
  if (Attachment) return withAttachment(found, Attachment);
  if (ConnectionTrackingSpecification) {
    const { ConnectionTrackingConfiguration } = trackingOf(ConnectionTrackingSpecification);
    const before = found.ConnectionTrackingConfiguration;
    return {
      ...found,
      ConnectionTrackingConfiguration: { ...before, ...ConnectionTrackingConfiguration },
    };
  }
  throw new ServiceError('UnsupportedOperation', 'The attribute is not supported.');
}

/** Whether the interface goes with its instance: nothing else of an attachment can be changed. */
function withAttachment(
  found: NetworkInterfaceResource,
  { AttachmentId, DeleteOnTermination }: NetworkInterfaceAttachmentChanges,
): NetworkInterfaceResource {
  if (!found.Attachment || found.Attachment.AttachmentId !== AttachmentId) {
    throw new ServiceError(
      'InvalidAttachmentID.NotFound',
      `The attachment ID '${AttachmentId ?? ''}' does not exist`,
    );
  }
  if (DeleteOnTermination === undefined) throw ec2Errors.missingParameter('deleteOnTermination');
  return { ...found, Attachment: { ...found.Attachment, DeleteOnTermination } };
}
