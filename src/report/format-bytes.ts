const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** `1536` as `1.5 KiB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // What would be shown as 1024.0 is one of the next.
  while (value >= 1023.95 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}
