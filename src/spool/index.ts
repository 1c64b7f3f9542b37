/**
 * The spool: captured windows, on the disk before any flow log renders them, until all have delivered them. Bounded; what
 * finds no room, and the window that a crash cuts off, become losses. What becomes of windows is `delivery`'s.
 */
export {
  FlowSpool,
  type FlowSpoolOptions,
  type SpoolStatus,
} from './flow-spool.ts';
export type { Segment } from './segment.ts';
export type { SpooledNames } from './spooled-names.ts';
