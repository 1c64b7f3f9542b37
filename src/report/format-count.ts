/** `84213` as `84,213`, whatever the machine's language. Not by `toLocaleString`, which takes 30 ms to begin. */
export function formatCount(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(?:[0-9]{3})+$)/g, ',');
}
