import type { TraceSpec } from './plan-conversations.ts';

export const mixedTrace: TraceSpec = { seed: 42, packets: 3_200_000, conversations: 50_000, seconds: 300 };

/** For a quick look that everything works, such as in CI. */
export const smallTrace: TraceSpec = { seed: 7, packets: 200_000, conversations: 4_000, seconds: 60 };
