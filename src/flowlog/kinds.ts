import type { FlowLog } from '@aws-sdk/client-ec2';
import { type Kind, kind, type Stored } from '../resource/index.ts';

/** A flow log, at the place of its account and Region, by `fl-…`. Its delivery status is not kept: see `FlowLogHealth`. */
export interface FlowLogResource
  extends Omit<Stored<FlowLog>, 'DeliverLogsStatus' | 'DeliverLogsErrorMessage' | 'FlowLogStatus'> {
  readonly FlowLogId: string;
  readonly ResourceId: string;
  readonly LogFormat: string;
  readonly resourceType:
    | 'VPC'
    | 'Subnet'
    | 'NetworkInterface'
    | 'TransitGateway'
    | 'TransitGatewayAttachment'
    | 'RegionalNatGateway';
  readonly clientToken: string;
  /** SHA-256 of the request that made it, in hex, where that had a token. */
  readonly clientRequest?: string;
}

export const flowLogs: Kind<FlowLogResource> = kind('flow-log');

/** What the last deliveries of a flow log came to; `SUCCESS` before the first. */
export interface FlowLogHealth {
  readonly status: 'SUCCESS' | 'FAILED';
  /** AWS's words: `Access error`, `Rate limited`, `Unknown error`. */
  readonly message?: 'Access error' | 'Rate limited' | 'Unknown error';
}
