import { describe, expect, it } from 'vitest';
import { direction, initiator } from './answer.ts';
import { type ConnectionState, connectionState } from './connection-state.ts';
import { ConnectionTable } from './connection-table.ts';
import { ConversationKey } from './conversation-key.ts';

const startMs = 1_700_000_000_000;

function keyOf(port: number): ConversationKey {
  const key = new ConversationKey();
  key.kind = 17;
  key.ports = port;
  return key;
}

/** Adds a conversation that was seen at `seconds` and idles out after `timeoutSeconds`. */
function add(
  table: ConnectionTable,
  port: number,
  seconds: number,
  timeoutSeconds = 600,
  state: ConnectionState = connectionState.other,
): number {
  const entry = table.create(keyOf(port), startMs + seconds * 1000);
  table.begin(entry, state, initiator.local, 0, false, direction.egress);
  table.touch(entry, startMs + seconds * 1000, timeoutSeconds * 1000);
  return entry;
}

const kept = (table: ConnectionTable, ports: readonly number[]) =>
  ports.filter((port) => table.find(keyOf(port)) >= 0);
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('a full table', () => {
  it('lets the longest idle go', () => {
    const table = new ConnectionTable(4);
    for (const port of [0, 1, 2, 3]) add(table, port, 10 - port);
    add(table, 4, 11);
    expect(kept(table, [0, 1, 2, 3, 4])).toEqual([0, 1, 2, 4]);
    expect(table.counters).toEqual({ connections: 4, created: 5, expired: 0, evicted: 1 });
  });

  it('lets what is over go first, then marks of refusals', () => {
    const table = new ConnectionTable(4);
    add(table, 0, 0);
    add(table, 1, 100, 30, connectionState.refused);
    add(table, 2, 100, 60, connectionState.closed);
    add(table, 3, 65, 30);
    add(table, 4, 101);
    expect(kept(table, [0, 1, 2, 3, 4])).toEqual([0, 1, 4]);
    expect(table.counters).toMatchObject({ expired: 2, evicted: 0 });
    add(table, 5, 101);
    add(table, 6, 101);
    expect(kept(table, [0, 1, 4, 5, 6])).toEqual([0, 4, 5, 6]);
    expect(table.counters).toMatchObject({ expired: 2, evicted: 1 });
  });

  it('counts every entry that goes, and finds those that stay', () => {
    const table = new ConnectionTable(1000);
    for (const port of upTo(20_000)) add(table, port, port / 100, port % 3 === 0 ? 30 : 600);
    const { connections, created, expired, evicted } = table.counters;
    expect(created).toBe(20_000);
    expect(connections).toBeLessThanOrEqual(1000);
    expect(connections + expired + evicted).toBe(created);
    expect(kept(table, upTo(20_000))).toHaveLength(connections);
    expect(kept(table, [19_999, 19_998, 19_997])).toHaveLength(3);
  });

  it('samples a large table, and lets only idle ones go', () => {
    const table = new ConnectionTable(20_000);
    for (const port of upTo(20_001)) add(table, port, port / 1000);
    expect(table.counters.evicted).toBeGreaterThan(600);
    expect(table.counters.evicted).toBeLessThanOrEqual(1250);
    expect(kept(table, upTo(20_001)).filter((port) => port > 2500)).toHaveLength(17_500);
  });
});

it('keeps near what is alive, without being full', () => {
  const table = new ConnectionTable(100_000);
  for (const port of upTo(50_000)) add(table, port, port, 30);
  expect(table.counters.connections).toBeLessThan(500);
  expect(table.counters.evicted).toBe(0);
});

it('lets an entry from a damaged timestamp go like an expired one', () => {
  const table = new ConnectionTable(4);
  add(table, 0, 1e9);
  for (const port of [1, 2, 3]) add(table, port, 10);
  add(table, 4, 11);
  expect(kept(table, [0, 1, 2, 3, 4])).toEqual([1, 2, 3, 4]);
});

it('is not emptied by one damaged timestamp', () => {
  const table = new ConnectionTable(32);
  for (const port of upTo(32)) add(table, port, 10 + port);
  add(table, 32, 1e9);
  expect(table.counters).toMatchObject({ expired: 0, evicted: 2 });
});

it('gives a reused entry another serial number', () => {
  const table = new ConnectionTable(1);
  const entry = add(table, 0, 0);
  const serial = table.serial(entry);
  expect(table.confirm(entry, serial, direction.egress, startMs)).toBe(true);
  expect(add(table, 1, 0)).toBe(entry);
  expect(table.confirm(entry, serial, direction.egress, startMs)).toBe(false);
  expect(table.confirm(entry, table.serial(entry), direction.egress, startMs)).toBe(true);
});
