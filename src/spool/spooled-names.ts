import type { NetworkInterface } from '@aws-sdk/client-ec2';

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
