import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { ConnectionTable, descriptorLimit, mostConnections } from './connection-table.ts';

let port = 1;

/** As much of a socket as has an address and can be ended. */
function socketOf(remoteAddress: string): Socket & { readonly isEnded: () => boolean } {
  const socket = new EventEmitter();
  let ended = false;
  const parts = {
    remoteAddress,
    remotePort: port++,
    destroy: () => {
      ended = true;
      socket.emit('close');
    },
    isEnded: () => ended,
  };
  return Object.assign(socket, parts) as unknown as Socket & { readonly isEnded: () => boolean };
}

describe('ConnectionTable', () => {
  it('ends the longest idle connection of whoever has the most', () => {
    const table = new ConnectionTable(4);
    const [busy, idle, young] = [socketOf('a'), socketOf('a'), socketOf('a')];
    const other = socketOf('b');
    for (const socket of [busy, idle, young, other]) expect(table.add(socket)).toBe(true);
    table.countRequest(busy, 1);
    expect(table.add(socketOf('c'))).toBe(true);
    expect([busy, idle, young, other].map((socket) => socket.isEnded())).toEqual([false, true, false, false]);
    expect(table.open).toBe(4);
  });

  it('ends none that has a request under way', () => {
    const table = new ConnectionTable(2);
    const sockets = [socketOf('a'), socketOf('b')];
    for (const socket of sockets) {
      table.add(socket);
      table.countRequest(socket, 1);
    }
    expect(table.add(socketOf('c'))).toBe(false);
    table.countRequest(sockets[1], -1);
    expect(table.add(socketOf('c'))).toBe(true);
    expect(sockets.map((socket) => socket.isEnded())).toEqual([false, true]);
  });

  it('forgets what has ended', () => {
    const table = new ConnectionTable(2);
    const socket = socketOf('a');
    table.add(socket);
    socket.destroy();
    table.countRequest(socket, -1);
    expect(table.open).toBe(0);
  });
});

describe('descriptorLimit', () => {
  it('is what the system says', () => {
    expect(descriptorLimit()).toBeGreaterThan(16);
  });
});

describe('mostConnections', () => {
  const limits = { connections: 16_384, requests: 1024, reservedDescriptors: 256 };
  it.each([
    ['plenty', 1_048_576, 16_384],
    ['enough for the files of all requests', 8192, 8192 - 256 - 2 * 1024],
    ['so few that connections are what is short', 1024, 256],
    ['hardly any', 100, 16],
  ])('%s', (_what, descriptors, expected) => {
    expect(mostConnections(limits, descriptors)).toBe(expected);
  });
});
