import { ConfigError } from '../fault/index.ts';

const units: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KIB: 2 ** 10,
  MIB: 2 ** 20,
  GIB: 2 ** 30,
  TIB: 2 ** 40,
  K: 2 ** 10,
  M: 2 ** 20,
  G: 2 ** 30,
  T: 2 ** 40,
};

/** Bytes of a size such as `10GiB`, `500 MB` or `1048576`; a bare K, M, G or T counts by 1024. */
export function parseSize(option: string, text: string): number {
  const match = /^([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]*)$/.exec(text.trim());
  const unit = match ? units[match[2].toUpperCase()] : undefined;
  if (!match || unit === undefined) {
    throw new ConfigError(
      'InvalidOption',
      `${option}: found ${JSON.stringify(text)}, expected a size such as 10GiB or 500MB`,
    );
  }
  return Math.floor(Number(match[1]) * unit);
}
