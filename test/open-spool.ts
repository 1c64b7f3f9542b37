import { NetworkView } from '../src/command/capture/network-view.ts';
import { type FlowRows, float64, type Loss, rowFloat64s, rowWords, word } from '../src/flow/index.ts';
import { FlowSpool, type FlowSpoolOptions } from '../src/spool/index.ts';
import type { TestFlow } from './flow-rows.ts';

const identity = { accountId: '123456789012', region: 'us-east-1', azId: 'use1-az1' } as const;
export const minuteMs = 60_000;
export const beganMs = 1_700_000_000_000 - (1_700_000_000_000 % minuteMs);
export const firstWindow = beganMs / minuteMs;

/** A network with these interfaces, numbered in this order, and these causes. */
export function viewOf(
  ids: readonly string[],
  causes: readonly string[] = ['sg-1/ingress/default'],
): NetworkView {
  const view = new NetworkView(identity, {}, () => undefined);
  view.addInterfaces(
    ids.map((id) => ({ NetworkInterfaceId: id, SubnetId: 'subnet-1', Description: `of ${id}` })),
  );
  view.addCauses(causes);
  return view;
}

export interface OpenedSpool {
  readonly folder: string;
  readonly spool: FlowSpool;
  readonly view: NetworkView;
  readonly reports: string[];
  readonly losses: Loss[];
}

export async function openSpool(
  folder: string,
  options: Partial<FlowSpoolOptions> & { view?: NetworkView } = {},
) {
  const reports: string[] = [];
  const losses: Loss[] = [];
  const view = options.view ?? viewOf(['eni-1', 'eni-2', 'eni-3']);
  const spool = await FlowSpool.open({
    folder,
    windowSeconds: 60,
    names: view,
    maxBytes: 2 ** 30,
    maxAgeMs: 86_400_000,
    clock: () => beganMs,
    report: (line) => reports.push(line),
    ...options,
  });
  spool.onLoss((told) => {
    for (const loss of told) losses.push(loss);
  });
  return { folder, spool, view, reports, losses } satisfies OpenedSpool;
}

/** A row by name: interface, cause, window, packets. */
export type NamedRow = readonly [string, string, number, number];

function namedRows({ words, floats, count }: FlowRows, view: NetworkView): NamedRow[] {
  return Array.from({ length: count }, (_, i) => [
    view.interfaceOf(words[i * rowWords + word.interface]).NetworkInterfaceId ?? '',
    view.causes[words[i * rowWords + word.cause]],
    words[i * rowWords + word.window],
    floats[i * rowFloat64s + float64.packets],
  ]);
}

export async function rowsOf({ spool, view }: OpenedSpool, number: number): Promise<NamedRow[]> {
  const rows: NamedRow[] = [];
  for await (const piece of (await spool.read(number)).pieces()) rows.push(...namedRows(piece, view));
  return rows;
}

export const flow = (
  interfaceIndex: number,
  window: number,
  packets: number,
  more: Partial<TestFlow> = {},
) => ({
  interfaceIndex,
  window,
  packets,
  ...more,
});

export const named = (losses: readonly Loss[], view: NetworkView) =>
  losses.map(({ interfaceIndex, ...loss }) => ({
    id: view.interfaceOf(interfaceIndex).NetworkInterfaceId,
    ...loss,
  }));
