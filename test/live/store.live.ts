import { mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { host, peer } from './host-network.ts';
import { liveUnavailable, Namespaces, program, type RunningCommand } from './namespaces.ts';

const isLive = liveUnavailable === undefined;
const mainProgram = path.resolve(import.meta.dirname, '../../dist/command/main.js');
const work = path.join(tmpdir(), `headgate-live-store-${process.pid}`);
beforeAll(() => {
  if (isLive) mkdirSync(work, { recursive: true });
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

describe.skipIf(!isLive)('headgate capture of a host, asked while it runs', () => {
  const namespaces = new Namespaces(work);
  let hostName: string;
  let peerName: string;
  let capture: RunningCommand;
  const headgate = (...args: string[]): string =>
    namespaces.run(
      hostName,
      'sh',
      '-c',
      'cd "$0" && exec "$@"',
      work,
      process.execPath,
      mainProgram,
      ...args,
    );
  const ping = (): string => namespaces.run(peerName, 'node', program('ping'), host.ipv4, '3');

  beforeAll(async () => {
    hostName = namespaces.add('host');
    peerName = namespaces.add('peer');
    namespaces.connect(hostName, 'data1', peerName, 'data2');
    namespaces.addAddress(hostName, 'data1', `${host.ipv4}/16`);
    namespaces.addAddress(peerName, 'data2', `${peer.ipv4}/16`);
    capture = namespaces.start(hostName, process.execPath, mainProgram, 'capture', '--window', '2');
    await capture.waitFor('headgate query ');
  });
  afterAll(() => namespaces.remove());

  const icmp = `filter protocol = 1 and srcAddr = "${peer.ipv4}" | stats sum(packets) as packets`;
  const packets = (): number =>
    Number(JSON.parse(headgate('query', icmp, '--start', '5m', '--output', 'json'))[0].packets ?? 0);

  it('answers queries', async () => {
    expect(ping()).toBe('answered 3\n');
    for (let second = 0; second < 20 && packets() < 3; second++) {
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
    expect(packets()).toBe(3);
    expect(headgate('logs', 'vpc-flow-logs')).toMatch(/^eni-[0-9a-f]{17}-all +[0-9]/m);
    expect(headgate('status')).toContain(`headgate capture (process ${capture.child.pid}, since `);
  });

  it('shows new records to who follows', async () => {
    const tail = namespaces.start(
      hostName,
      process.execPath,
      mainProgram,
      'logs',
      'tail',
      'vpc-flow-logs',
      '--follow',
      '--since',
      '1s',
    );
    await new Promise((resolve) => setTimeout(resolve, 1500));
    ping();
    await tail.waitFor(` ${peer.ipv4} ${host.ipv4} 0 0 1 3 `);
    tail.child.kill('SIGINT');
    expect((await tail.ended).status).toBe(130);
  });

  it('ends with everything in the store', async () => {
    capture.child.kill('SIGTERM');
    const { status, stderr } = await capture.ended;
    expect(stderr).not.toContain('    at ');
    expect(status).toBe(0);
    expect(packets()).toBe(6);
  });
});
