import { gunzipSync } from 'node:zlib';
import { parquetReadObjects } from 'hyparquet';

/** What a test looks at of a record, wherever it was read: interface, first and last second, packets, log status. */
export type Recorded = readonly [
  interfaceId: string,
  start: number,
  end: number,
  packets: number | null,
  status: string,
];

/** Of a line in AWS's default format. */
export function recordedLine(line: string): Recorded {
  const fields = line.split(' ');
  if (fields.length !== 14) throw new Error(`no record: ${JSON.stringify(line)}`);
  const packets = fields[8] === '-' ? null : Number(fields[8]);
  return [fields[2], Number(fields[10]), Number(fields[11]), packets, fields[13]];
}

/** Records of an object as flow logs write it: rejected where it is not whole. */
export async function recordedObject(key: string, bytes: Uint8Array): Promise<Recorded[]> {
  if (!key.endsWith('.parquet')) {
    const lines = gunzipSync(bytes).toString().split('\n');
    if (lines.pop() !== '' || !lines.shift()?.startsWith('version ')) throw new Error(`${key} is not whole`);
    return lines.map(recordedLine);
  }
  const compressors = { GZIP: (input: Uint8Array) => new Uint8Array(gunzipSync(input)) };
  const objects = await parquetReadObjects({ file: Uint8Array.from(bytes).buffer, compressors });
  return objects.map((one): Recorded => {
    const { interface_id, start, end, packets, log_status } = one;
    const count = packets === null || packets === undefined ? null : Number(packets);
    return [String(interface_id), seconds(start), seconds(end), count, String(log_status)];
  });
}

/** Records of an object as delivery streams write it: `{"message": …}` one after the other, compressed. */
export function recordedMessages(bytes: Uint8Array): Recorded[] {
  const text = gunzipSync(bytes).toString().replaceAll('\n', '').replaceAll('}{', '},{');
  const messages = JSON.parse(`[${text}]`) as { readonly message: string }[];
  return messages.map(({ message }) => recordedLine(message));
}

function seconds(time: unknown): number {
  return time instanceof Date ? time.getTime() / 1000 : Number(time);
}
