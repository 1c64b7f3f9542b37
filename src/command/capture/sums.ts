import { type Loss, type SumsReport, unaccountedFrames } from '../../flow/index.ts';
import type { RecordSums } from '../../flowlog/index.ts';
import { formatCount } from '../../report/index.ts';

/** The two sums of a capture with all that stands in them; what `--stats json` prints. */
export interface CaptureStats extends SumsReport {
  readonly records: RecordSums & {
    readonly objects: number;
    /** Packets whose records could not be written, because the capture failed. */
    readonly unwrittenPackets: number;
  };
  /** What the sums do not account for: 0 and 0, unless Headgate is wrong. */
  readonly unaccounted: { readonly frames: number; readonly packets: number };
  /** The loss ledger: what each SKIPDATA record stands for. */
  readonly losses: readonly LossEntry[];
  readonly seconds: number;
}

/** `window`: when it began, in Unix seconds. */
export interface LossEntry extends Omit<Loss, 'interfaceIndex'> {
  readonly interfaceId: string;
}

export function captureStats(
  report: SumsReport,
  records: RecordSums & { readonly objects: number },
  losses: readonly LossEntry[],
  seconds: number,
  hasFailed = false,
): CaptureStats {
  const { ingress, egress, skipped } = report.packets;
  const missing = ingress + egress - records.recordedPackets - records.filteredPackets - skipped;
  return {
    ...report,
    records: { ...records, unwrittenPackets: hasFailed ? missing : 0 },
    unaccounted: {
      frames: unaccountedFrames(report),
      packets: hasFailed ? 0 : missing,
    },
    losses,
    seconds,
  };
}

/** The sums as two lines for people, and a third where there is more to tell. */
export function sumsText(stats: CaptureStats): string {
  const { frames, packets, records, unaccounted } = stats;
  const frameTerms = [
    `${formatCount(frames.observed)} observed`,
    term('excluded', frames.excluded),
    term('no interface', frames.noInterface),
    term('not IP', frames.notIp),
    term('malformed', frames.malformed),
    ...(unaccounted.frames === 0 ? [] : [`${formatCount(unaccounted.frames)} UNACCOUNTED`]),
  ];
  const packetTerms = [
    `${formatCount(records.recordedPackets)} in ${formatCount(records.records)} records`,
    ...(records.filteredPackets === 0
      ? []
      : [`${formatCount(records.filteredPackets)} of another traffic type`]),
    `${formatCount(packets.skipped)} skipped`,
    ...(records.unwrittenPackets === 0 ? [] : [`${formatCount(records.unwrittenPackets)} NOT WRITTEN`]),
    ...(unaccounted.packets === 0 ? [] : [`${formatCount(unaccounted.packets)} UNACCOUNTED`]),
  ];
  const lines = [
    `frames   ${formatCount(frames.captured)} captured = ${frameTerms.join(' + ')}; kernel dropped ${formatCount(frames.kernelDropped)}`,
    `packets  ${formatCount(packets.egress)} egress + ${formatCount(packets.ingress)} ingress = ${packetTerms.join(' + ')}`,
  ];
  const notes = sumsNotes(stats);
  return [...lines, ...(notes.length > 0 ? [`notes    ${notes.join(', ')}`] : [])].join('\n');
}

/** What is no part of the sums, but may explain what is missing or doubled. */
function sumsNotes({ packets, flows, connections, cutOffFiles }: CaptureStats): string[] {
  return (
    [
      ['files that end inside a frame', cutOffFiles],
      ['packets late', packets.late],
      ['flows closed early', flows.closedEarly],
      ['connections forgotten early', connections.evicted],
    ] as const
  )
    .filter(([, count]) => count > 0)
    .map(([what, count]) => `${what}: ${formatCount(count)}`);
}

function term(name: string, reasons: Readonly<Record<string, number>>): string {
  const entries = Object.entries(reasons);
  const detail = entries.map(([reason, count]) => `${reason} ${formatCount(count)}`).join(', ');
  return `${formatCount(sum(reasons))} ${name}${entries.length > 0 ? ` (${detail})` : ''}`;
}

function sum(reasons: Readonly<Record<string, number>>): number {
  return Object.values(reasons).reduce((total, count) => total + count, 0);
}

/** Why a capture gave no record, and what to pass; undefined when it gave some. */
export function whyNothing(stats: CaptureStats): string | undefined {
  const { frames, records } = stats;
  if (records.records > 0) return undefined;
  if (frames.captured === 0) return 'nothing was recorded: no frame was captured';
  if (records.filteredPackets > 0)
    return 'nothing was recorded: all traffic is of another type (--traffic-type ALL records it)';
  const largest = (
    [
      [sum(frames.excluded), 'AWS never logs this traffic (--include-excluded records it)'],
      [
        sum(frames.noInterface),
        'no packet is from or to a known network interface (--local CIDR,… or --vpc DIR says which addresses are)',
      ],
      [sum(frames.notIp), 'the frames hold no IP packets'],
      [sum(frames.malformed), 'the packets are malformed'],
    ] as const
  ).toSorted(([a], [b]) => b - a)[0];
  return `nothing was recorded: ${largest[1]}`;
}
