/** Headgate's sums, as `--stats json` prints them. */
export interface HeadgateSums {
  readonly frames: {
    readonly captured: number;
    readonly observed: number;
    readonly kernelDropped: number;
    readonly [reasons: string]: number | Readonly<Record<string, number>>;
  };
  readonly packets: { readonly ingress: number; readonly egress: number; readonly skipped: number };
}

/** The sums are the last line of standard error that is a JSON object. */
export function readHeadgateSums(stderr: string): HeadgateSums | undefined {
  const line = stderr.split('\n').findLast((text) => text.startsWith('{'));
  return line === undefined ? undefined : JSON.parse(line);
}

/** Observed, excluded, of no interface, not IP and malformed frames: all but `captured` and the kernel's drops. */
export function accountedFrames({ frames }: HeadgateSums): number {
  const { captured: _, kernelDropped: __, ...parts } = frames;
  const total = (part: number | Readonly<Record<string, number>>): number =>
    typeof part === 'number' ? part : Object.values(part).reduce((sum, count) => sum + count, 0);
  return Object.values(parts).reduce<number>((sum, part) => sum + total(part), 0);
}
