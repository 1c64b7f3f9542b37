/**
 * How far a test goes: `npm test` looks into every corner once, `npm run test:long` looks for long. HEADGATE_LONG says
 * how many times as long, for who hunts for something rare.
 */
const times = Number(process.env.HEADGATE_LONG ?? 0);

/** Whether what `npm test` has no time for is tried as well. */
export const isLong = times > 0;

/** How often something is tried. */
export function runs(usual: number, long: number): number {
  return isLong ? Math.ceil(long * times) : usual;
}
