import { readFileSync, writeFileSync } from 'node:fs';

/** The most memory that this process has had at once, in MiB (VmHWM); NaN where there is no /proc. */
export function peakMegabytes(): number {
  try {
    const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    return Number(kibibytes) / 1024;
  } catch {
    return Number.NaN;
  }
}

/** From now on the peak is that of what comes; what is held now stays in it. */
export function forgetPeak(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Without /proc there is no peak either.
  }
}
