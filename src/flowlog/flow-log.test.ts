import { describe, expect, it } from 'vitest';
import { packOutcome } from '../flow/flow-row.ts';
import { initiator } from '../policy/answer.ts';
import { defaultLogFormat, parseHeader } from '../record/index.ts';
import { type FlowLogOptions, makeFlowLog, selects } from './flow-log.ts';

const identity = { accountId: '123456789012', region: 'us-east-1' };
const options: FlowLogOptions = {
  trafficType: 'ALL',
  format: defaultLogFormat,
  maxAggregationInterval: 60,
  destination: 'headgate-data/s3',
  fileFormat: 'plain-text',
  hiveCompatiblePartitions: false,
  perHourPartition: false,
};

describe('makeFlowLog', () => {
  it('gives the same id to the same flow log', () => {
    const { id } = makeFlowLog(options, identity);
    expect(id).toMatch(/^fl-[0-9a-f]{17}$/);
    expect(makeFlowLog({ ...options, fileFormat: 'parquet', perHourPartition: true }, identity).id).toBe(id);
  });

  const others: { name: string; change: Partial<FlowLogOptions> }[] = [
    { name: 'traffic type', change: { trafficType: 'REJECT' } },
    { name: 'format', change: { format: parseHeader('srcaddr') } },
    { name: 'interval', change: { maxAggregationInterval: 600 } },
    { name: 'destination', change: { destination: 'elsewhere' } },
  ];
  it.each(others)('gives another id for another $name', ({ change }) => {
    expect(makeFlowLog({ ...options, ...change }, identity).id).not.toBe(makeFlowLog(options, identity).id);
  });
});

describe('selects', () => {
  const accepted = packOutcome(true, initiator.local);
  const rejected = packOutcome(false, initiator.peer);
  it.each([
    { name: 'ALL', trafficType: 'ALL', taken: [true, true] },
    { name: 'ACCEPT', trafficType: 'ACCEPT', taken: [true, false] },
    { name: 'REJECT', trafficType: 'REJECT', taken: [false, true] },
  ] as const)('$name', ({ trafficType, taken }) => {
    expect([selects({ trafficType }, accepted), selects({ trafficType }, rejected)]).toEqual(taken);
  });
});
