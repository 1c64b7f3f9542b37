import type { NetworkInterface } from '@aws-sdk/client-ec2';
import type { FlowRows, Loss } from '../flow/index.ts';
import type { CoveredWindow } from '../flowlog/index.ts';

/** Interfaces and causes go by numbers of this run of the program: what is kept is kept by name, and numbered anew when read. */
export interface SpooledNames {
  /** The `decided-by` texts that rows' cause words count; grows. */
  readonly causes: readonly string[];
  interfaceOf(index: number): NetworkInterface;
  /**
   * The number of an interface that an earlier run has seen: that of the same id now, else one beyond all live ones.
   * An id that was given a number keeps it, also when the interface comes back.
   */
  formerInterface(networkInterface: NetworkInterface): number;
  /** The place in `causes` of a text that an earlier run has counted; beyond all live ones, which keep coming. */
  formerCause(text: string): number;
}

/** Packets that devices have counted since they came up, by the id of the network interface. */
export type DeviceCounters = ReadonlyMap<string, number>;

export interface FlowSpoolOptions {
  readonly folder: string;
  readonly windowSeconds: number;
  readonly names: SpooledNames;
  /** Beyond either, the oldest windows become losses. */
  readonly maxBytes: number;
  readonly maxAgeMs: number;
  /** Read when a window is sealed and after a crash: they bound what was lost in between. */
  readonly deviceCounters?: () => DeviceCounters;
  readonly clock?: () => number;
  readonly report: (line: string) => void;
}

/** What was handed over between two closings of windows. */
export interface Segment {
  readonly number: number;
  /** When it was sealed, by the clock on the wall: what is not over then was not watched whole. */
  readonly sealedMs: number;
  /** Windows before this one are over; Infinity at the end of a capture. */
  readonly before: number;
  readonly windows: readonly CoveredWindow[];
  readonly losses: readonly Loss[];
  /** In pieces of bounded size, the same ones each time; none where only the losses are left. */
  pieces(): AsyncIterable<FlowRows>;
}

export interface SpoolStatus {
  readonly segments: number;
  readonly bytes: number;
  readonly maxBytes: number;
  /** Of the oldest segment; undefined when there is none. */
  readonly oldestMs: number | undefined;
  readonly droppedSegments: number;
}

const notYet = (): never => {
  throw new Error('bug: not yet');
};

/** Captured windows on the disk, from their closing until no flow log needs them: before anybody renders a window it is there to stay. */
export class FlowSpool {
  static open(_options: FlowSpoolOptions): Promise<FlowSpool> {
    return notYet();
  }
  /** Tells this spool's numbers from another one's. */
  get id(): string {
    return notYet();
  }
  /** The first segment that is there, and the one that is being written: `first <= n < next` can be read. */
  get first(): number {
    return notYet();
  }
  get next(): number {
    return notYet();
  }
  get status(): SpoolStatus {
    return notYet();
  }
  takeFlows(_rows: FlowRows): Promise<void> {
    return notYet();
  }
  takeLosses(_losses: readonly Loss[]): Promise<void> {
    return notYet();
  }
  /** Seals the segment: on the disk when fulfilled. */
  closeWindows(_windows: readonly CoveredWindow[], _before: number): Promise<void> {
    return notYet();
  }
  /** Called after each sealing. */
  onSealed(_listener: () => void): void {
    return notYet();
  }
  read(_number: number): Promise<Segment> {
    return notYet();
  }
  /** Nobody needs the segments before this one any more. */
  release(_before: number): Promise<void> {
    return notYet();
  }
  /** Every loss in a segment, as it becomes known; those of earlier runs that are still kept first. */
  onLoss(_listener: (losses: readonly Loss[]) => void): void {
    return notYet();
  }
  /** What is open is sealed; an orderly end. */
  close(): Promise<void> {
    return notYet();
  }
}
