import type { FlowLogResource } from '../../flowlog/index.ts';
import type { Place, ResourceView } from '../../resource/index.ts';
import { ec2Errors } from './errors.ts';
import { type AnyResourceType, isIdOf, resourceTypes } from './resource-types.ts';

export type MonitoredType = FlowLogResource['resourceType'];

/** The kinds of resources that flow logs are made on. */
const kinds: Readonly<Record<MonitoredType, AnyResourceType>> = {
  VPC: resourceTypes.vpc,
  Subnet: resourceTypes.subnet,
  NetworkInterface: resourceTypes.networkInterface,
  TransitGateway: resourceTypes.transitGateway,
  TransitGatewayAttachment: resourceTypes.transitGatewayAttachment,
  RegionalNatGateway: resourceTypes.natGateway,
};

/** @throws ServiceError `InvalidParameterValue` for types that AWS has, but not for flow logs here: `CoreNetwork` */
export function monitoredKind(type: MonitoredType): AnyResourceType {
  if (Object.hasOwn(kinds, type)) return kinds[type];
  throw ec2Errors.invalidParameterValue(type, 'resourceType', 'Flow logs are not made on it.');
}

export function isTransitGatewayType(type: MonitoredType): boolean {
  return type === 'TransitGateway' || type === 'TransitGatewayAttachment';
}

/**
 * @throws ServiceError `InvalidID` for what is no id of the type, `…NotFound` for one that nobody has
 */
export function checkMonitored(view: ResourceView, place: Place, type: MonitoredType, id: string): void {
  const kind = kinds[type];
  const resource = view.get(kind.kind, place, id);
  if (!resource && !isIdOf(kind, id)) throw ec2Errors.invalidId(id);
  if (!resource || (type === 'RegionalNatGateway' && !isRegional(resource))) {
    throw ec2Errors.notFound(kind, [id]);
  }
}

/** The zonal ones have an interface, to put a flow log on. */
function isRegional(natGateway: object): boolean {
  return 'AvailabilityMode' in natGateway && natGateway.AvailabilityMode === 'regional';
}
