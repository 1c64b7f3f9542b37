import { parseLogFormat, type TagKeys } from '../record/index.ts';
import type { FlowLog } from './flow-log.ts';
import type { FlowLogResource } from './kinds.ts';

/** Types of resources that no interface of a network belongs to: flow logs on them are kept, and record nothing. */
const withoutInterfaces: readonly FlowLogResource['resourceType'][] = [
  'TransitGateway',
  'TransitGatewayAttachment',
  'RegionalNatGateway',
];

/** What a flow log records and how, out of the resource; undefined for one that records no interface. */
export function runnableFlowLog(resource: FlowLogResource): FlowLog | undefined {
  if (withoutInterfaces.includes(resource.resourceType)) return undefined;
  const { DestinationOptions: options = {}, LogGroupName, LogDestination } = resource;
  const tagKeys = tagKeysOf(resource);
  return {
    id: resource.FlowLogId,
    trafficType: resource.TrafficType ?? 'ALL',
    format: parseLogFormat(resource.LogFormat),
    maxAggregationInterval: resource.MaxAggregationInterval === 60 ? 60 : 600,
    destination: LogDestination ?? LogGroupName ?? '',
    fileFormat: options.FileFormat ?? 'plain-text',
    hiveCompatiblePartitions: options.HiveCompatiblePartitions ?? false,
    perHourPartition: options.PerHourPartition ?? false,
    ...(tagKeys ? { tagKeys } : {}),
  };
}

function tagKeysOf({ TagFieldSpecifications = [] }: FlowLogResource): TagKeys | undefined {
  if (TagFieldSpecifications.length === 0) return undefined;
  return Object.fromEntries(
    TagFieldSpecifications.map(({ ResourceType, TagKeys: keys = [] }) => [ResourceType, keys]),
  );
}
