import { defaultLogFormat, type FlowRecords } from '../src/record/index.ts';
import type { Column } from '../src/record/record-batch.ts';
import { actionTexts, type FlowColumns, statusTexts } from './flow-columns.ts';
import type { FlowFile } from './flow-file.ts';
import type { MixWindow } from './flow-mix.ts';

/** Records of the default format. */
export function flowRecords(flows: FlowFile, { length, columns }: MixWindow): FlowRecords {
  const made = defaultLogFormat.fields.map(({ token }) => columnOf(token, flows, columns, length));
  return {
    format: defaultLogFormat,
    length,
    columns: made,
    interfaceIds: Array.from(columns.interfaceNumber, (number) => flows.interfaces[number]),
    endSeconds: Float64Array.from(columns.end),
    packets: Float64Array.from(columns.packets, (packets) => Math.max(0, packets)),
    bytes: columns.bytes.map((bytes) => (Number.isNaN(bytes) ? 0 : bytes)),
  };
}

/** The log stream of each record, named as AWS does. */
export function streamNames(flows: FlowFile, { columns }: MixWindow): string[] {
  const names = flows.interfaces.map((id) => `${id}-all`);
  return Array.from(columns.interfaceNumber, (number) => names[number]);
}

function columnOf(token: string, flows: FlowFile, columns: FlowColumns, length: number): Column {
  const { interfaces, addresses } = flows;
  switch (token) {
    case 'version':
      return { numbers: new Float64Array(length).fill(2) };
    case 'account-id':
      return { texts: new Array<string>(length).fill(flows.accountId) };
    case 'interface-id':
      return { texts: Array.from(columns.interfaceNumber, (number) => interfaces[number]) };
    case 'srcaddr':
      return { texts: Array.from(columns.source, (number) => addresses[number] ?? '-') };
    case 'dstaddr':
      return { texts: Array.from(columns.destination, (number) => addresses[number] ?? '-') };
    case 'srcport':
      return numbers(columns.sourcePort);
    case 'dstport':
      return numbers(columns.destinationPort);
    case 'protocol':
      return numbers(columns.protocol);
    case 'packets':
      return numbers(columns.packets);
    case 'bytes':
      return { numbers: columns.bytes };
    case 'start':
      return { numbers: Float64Array.from(columns.start) };
    case 'end':
      return { numbers: Float64Array.from(columns.end) };
    case 'action':
      return { texts: Array.from(columns.action, (number) => actionTexts[number]) };
    case 'log-status':
      return { texts: Array.from(columns.action, (number) => statusTexts[number]) };
  }
  throw new Error(`${token} is no field of the default format`);
}

function numbers(values: Int32Array | Int8Array): Column {
  const column = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) column[i] = values[i] < 0 ? Number.NaN : values[i];
  return { numbers: column };
}
