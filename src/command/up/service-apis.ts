import {
  ec2Api,
  emptyServices,
  firehoseApi,
  iamApi,
  logsApi,
  type ServiceApi,
  s3Api,
  s3ControlApi,
  stsApi,
} from '../../api/index.ts';
import type { Destinations } from '../../delivery/index.ts';
import type { FlowLogHealth } from '../../flowlog/index.ts';
import type { Authorizer, Credentials, SecretVault } from '../../iam/index.ts';
import type { PlacedLogs } from '../../logs/index.ts';
import type { ObjectStore } from '../../objects/index.ts';
import type { Resources } from '../../resource/index.ts';
import type { DeliveryStreams } from '../../stream/index.ts';
import type { Identity } from '../../vpc/index.ts';

export interface ServedParts {
  readonly resources: Resources;
  readonly vault: SecretVault;
  readonly credentials: Credentials;
  readonly authorizer: Authorizer;
  readonly identity: Identity;
  readonly placedLogs: PlacedLogs;
  readonly objects: ObjectStore;
  readonly streams: DeliveryStreams;
  readonly destinations: Destinations;
  readonly health: (flowLogId: string) => FlowLogHealth;
}

/** The services that are served. */
export function serviceApis(parts: ServedParts): readonly ServiceApi[] {
  const { resources, placedLogs } = parts;
  return [
    ec2Api(parts),
    iamApi(parts),
    stsApi(parts),
    logsApi({ resources, logsAt: (place) => placedLogs.at(place) }),
    s3Api(parts),
    s3ControlApi(parts),
    firehoseApi(parts),
    ...emptyServices,
  ];
}
