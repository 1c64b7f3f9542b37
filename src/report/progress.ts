const cells = 30;

/** `[######------------------------] 20 %` for a part from 0 to 1. */
export function progressBar(part: number): string {
  const filled = Math.round(part * cells);
  return `[${'#'.repeat(filled)}${'-'.repeat(cells - filled)}] ${Math.floor(part * 100)} %`;
}
