/** What a person sees while Headgate runs: lines, one status line that refreshes, progress. It decides nothing. */
export { formatBytes } from './format-bytes.ts';
export { formatCount } from './format-count.ts';
export { OutputStream } from './output-stream.ts';
export { progressBar } from './progress.ts';
export { Terminal } from './terminal.ts';
