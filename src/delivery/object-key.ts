import type { FlowLog } from '../flowlog/index.ts';

/** Objects hold the records whose `end` lies in the same five minutes (AWS's page "Flow log files"). */
const slotSeconds = 300;

/** The last slot whose year has four digits: a capture file can claim any time. */
const lastSlot = Math.floor(Date.UTC(9999, 11, 31, 23, 59, 59) / 1000 / slotSeconds) * slotSeconds;

/** What an object is called after. */
export interface ObjectName {
  readonly accountId: string;
  readonly region: string;
  readonly flowLog: Pick<FlowLog, 'id' | 'fileFormat' | 'hiveCompatiblePartitions' | 'perHourPartition'>;
  /** Unix seconds, as `slotOf` gives them. */
  readonly slot: number;
  /** 8 hex digits. */
  readonly hash: string;
}

/** The start of the five minutes that this `end` lies in, in Unix seconds; kept within the years 1970 to 9999. */
export function slotOf(endSeconds: number): number {
  return Math.min(lastSlot, Math.max(0, Math.floor(endSeconds / slotSeconds) * slotSeconds));
}

/** The key in the bucket: `AWSLogs/…/<account>_vpcflowlogs_<region>_<flow log>_<YYYYMMDD>T<HHmm>Z_<hash>.log.gz`. */
export function objectKey(name: ObjectName): string {
  const { accountId, region, flowLog, slot, hash } = name;
  const [date, time] = new Date(slot * 1000).toISOString().split('T');
  const [year, month, day] = date.split('-');
  const [hour, minute] = time.split(':');
  const hive = flowLog.hiveCompatiblePartitions;
  const parts = [
    regionPrefix(accountId, region, hive),
    ...(hive ? [`year=${year}`, `month=${month}`, `day=${day}`] : [year, month, day]),
    ...(flowLog.perHourPartition ? [hive ? `hour=${hour}` : hour] : []),
  ];
  const extension = flowLog.fileFormat === 'parquet' ? 'log.parquet' : 'log.gz';
  const stamp = `${year}${month}${day}T${hour}${minute}Z`;
  return `${parts.join('/')}/${accountId}_vpcflowlogs_${region}_${flowLog.id}_${stamp}_${hash}.${extension}`;
}

/** The part of the key before the year. */
export function regionPrefix(accountId: string, region: string, hive: boolean): string {
  return hive
    ? `AWSLogs/aws-account-id=${accountId}/aws-service=vpcflowlogs/aws-region=${region}`
    : `AWSLogs/${accountId}/vpcflowlogs/${region}`;
}
