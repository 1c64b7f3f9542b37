import { Worker } from 'node:worker_threads';

/** From source, as newer Node runs it, or compiled. */
const threadFile = import.meta.url.endsWith('.ts') ? './thread.ts' : './thread.js';
/** Young objects of the capture thread are few and live long (interfaces): collecting them seldom is cheaper. */
const resourceLimits = { maxYoungGenerationSizeMb: 48 };

/**
 * Starts the capture thread, which waits for its setup as the first message. It takes as long to load as the main
 * thread does, so it is started before anything else is.
 */
export function startThread(): Worker {
  return new Worker(new URL(threadFile, import.meta.url), { resourceLimits });
}
