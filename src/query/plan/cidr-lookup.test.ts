import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../../test/runs.ts';
import { ScanTables, startMs } from '../../../test/scan-tables.ts';
import { parseLogFormat } from '../../record/log-format.ts';

const format = parseLogFormat('$' + '{srcaddr}');

/** 128 bits of an address whose text has four numbers, or eight groups. */
function bitsOf(text: string): string {
  const binary = (numbers: number[], width: number) =>
    numbers.map((number) => number.toString(2).padStart(width, '0')).join('');
  if (!text.includes(':')) return binary([0, 0, 0, 0, 0, 65535], 16) + binary(text.split('.').map(Number), 8);
  return binary(
    text.split(':').map((group) => Number.parseInt(group, 16)),
    16,
  );
}

function longest(address: string, prefixes: readonly string[]): string | null {
  let best: { length: number; line: number } | undefined;
  prefixes.forEach((prefix, line) => {
    const [base, bits] = prefix.split('/');
    const length = Number(bits) + (base.includes(':') ? 0 : 96);
    const holds = bitsOf(address).startsWith(bitsOf(base).slice(0, length));
    if (holds && (!best || length > best.length)) best = { length, line };
  });
  return best ? `line ${best.line}` : null;
}

const octet = fc.constantFrom(0, 1, 10, 127, 128, 255);
const ipv4 = fc.tuple(octet, octet, octet, octet).map((octets) => octets.join('.'));
const group = fc.constantFrom('0', '1', '8000', 'ffff', '2001', 'db8');
const ipv6 = fc.array(group, { minLength: 8, maxLength: 8 }).map((groups) => groups.join(':'));
const prefix = fc.oneof(
  fc.tuple(ipv4, fc.constantFrom(0, 1, 7, 8, 9, 24, 31, 32)).map(([base, bits]) => `${base}/${bits}`),
  fc.tuple(ipv6, fc.constantFrom(0, 1, 16, 33, 64, 127, 128)).map(([base, bits]) => `${base}/${bits}`),
);

describe('cidrlookup', () => {
  it('finds the longest prefix, as asking every prefix does', async () => {
    const addresses = fc.array(fc.oneof(ipv4, ipv6), { minLength: 1, maxLength: 12 });
    const prefixes = fc.array(prefix, { minLength: 1, maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(addresses, prefixes, async (sources, nets) => {
        const lookups = { nets: [['cidr', 'net'], ...nets.map((net, line) => [net, `line ${line}`])] };
        const events = sources.map((source, i) => ({ timestamp: startMs + i, format: 1, tokens: [source] }));
        for (const keeping of ['columns', 'text'] as const) {
          const tables = await ScanTables.open(events, keeping, { formats: [format], lookups });
          const rows = await tables.ask('cidrlookup nets srcAddr OUTPUT net | sort @timestamp | display net');
          expect(rows.map(([net]) => net)).toEqual(sources.map((source) => longest(source, nets)));
          tables.close();
        }
      }),
      { numRuns: runs(6, 50) },
    );
  });
});
