import type { ServiceApi } from './action.ts';

/**
 * Services that Grafana and others ask before they ask anything else. Headgate has none of their resources yet, and
 * answers as AWS does for an account without any.
 */
export const emptyServices: readonly ServiceApi[] = [
  { service: 'cloudwatch', actions: { ListMetrics: { run: () => ({ Metrics: [] }) } } },
  {
    service: 'oam',
    actions: { ListSinks: { run: () => ({ Items: [] }) }, ListLinks: { run: () => ({ Items: [] }) } },
  },
  {
    service: 'resourcegroupstaggingapi',
    actions: {
      GetResources: { run: () => ({ ResourceTagMappingList: [], PaginationToken: '' }) },
      GetTagKeys: { run: () => ({ TagKeys: [], PaginationToken: '' }) },
      GetTagValues: { run: () => ({ TagValues: [], PaginationToken: '' }) },
    },
  },
];
