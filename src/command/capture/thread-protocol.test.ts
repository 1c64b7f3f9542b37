import { describe, expect, it } from 'vitest';
import { ThreadControl } from './thread-protocol.ts';

describe('ThreadControl', () => {
  it('is seen by both threads', () => {
    const main = new ThreadControl();
    const thread = new ThreadControl(main.buffer);
    expect(thread.isStopped).toBe(false);
    main.stop();
    expect(thread.isStopped).toBe(true);
    main.announceNetwork();
    expect(thread.generation).toBe(1);
  });

  it('counts what is handed over and not written yet, in whole KiB', () => {
    const control = new ThreadControl();
    control.handOver(100);
    control.handOver(5000);
    expect(control.handedOverBytes).toBe(6 * 1024);
    control.release(5000);
    expect(control.handedOverBytes).toBe(1024);
    control.release(100);
    expect(control.handedOverBytes).toBe(0);
  });

  it('counts to more than 32 bits of bytes', () => {
    const control = new ThreadControl();
    for (let i = 0; i < 8; i++) control.handOver(2 ** 30);
    expect(control.handedOverBytes).toBe(2 ** 33);
  });

  it('waits for no room where there is some, or at a stop', () => {
    const control = new ThreadControl();
    control.waitForRoom(1024);
    control.handOver(2048);
    control.stop();
    control.waitForRoom(1024);
    expect(control.handedOverBytes).toBe(2048);
  });

  it.each([
    { name: 'half', read: 5e6, total: 10e6, expected: 0.5 },
    { name: 'all', read: 10e6, total: 10e6, expected: 1 },
    { name: 'never more than all, though the file grew', read: 20e6, total: 10e6, expected: 1 },
    { name: 'unknown, of a pipe', read: 5e6, total: undefined, expected: undefined },
    { name: 'unknown, of nothing', read: 0, total: 0, expected: undefined },
    { name: 'of a file beyond 32 bits', read: 2 ** 39, total: 2 ** 40, expected: 0.5 },
  ])('tells progress: $name', ({ read, total, expected }) => {
    const control = new ThreadControl();
    control.setProgress(read, total);
    if (expected === undefined) expect(control.progress).toBeUndefined();
    else expect(control.progress).toBeCloseTo(expected, 3);
  });
});
