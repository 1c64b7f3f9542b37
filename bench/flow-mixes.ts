import type { MixSpec } from './flow-mix.ts';

const daySeconds = 86_400;

/** A day in windows of a minute; with few records in fewer windows, so that not most of them are NODATA. */
export function dayMix(records: number): MixSpec {
  const windows = records >= 1_000_000 ? 1440 : records >= 100_000 ? 288 : 24;
  return { seed: 11, records, windows, windowStepSeconds: daySeconds / windows };
}

/** Minutes one after the other, with as many records in each. */
export function deliveryMix(records: number, windows: number): MixSpec {
  return { seed: 11, records, windows, windowStepSeconds: 60 };
}
