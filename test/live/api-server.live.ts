import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { Agent, get } from 'node:http';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { descriptorLimit } from '../../src/server/connection-table.ts';
import { ServedActions } from '../api-server.ts';

const programs = path.resolve(import.meta.dirname, 'programs');
const dist = path.resolve(import.meta.dirname, '../../dist/server/index.js');
const many = 10_000;

const children: ChildProcessWithoutNullStreams[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null) continue;
    child.stdin.end();
    await once(child, 'exit');
  }
});

/** A program with as many descriptors as it wants, and its first line. */
async function started(descriptors: number, program: string, ...args: readonly string[]): Promise<string> {
  const command = `ulimit -n ${descriptors} && exec "$0" "$@"`;
  const child = spawn('bash', ['-c', command, process.execPath, path.join(programs, program), ...args]);
  children.push(child);
  child.stderr.resume();
  const [line] = await Promise.race([once(child.stdout, 'data'), once(child, 'exit').then(() => [''])]);
  return String(line).trim();
}

function health(port: number, agent: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path: '/healthz', agent, timeout: 5000 }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0));
    }).on('error', reject);
  });
}

/** Said in the name of a test that is skipped. */
const fewDescriptors = descriptorLimit() < many + 2500 ? ` (only ${descriptorLimit()} descriptors here)` : '';
const notBuilt = existsSync(dist) ? '' : ' (nothing is built: npm run build)';

describe('connections', () => {
  it.skipIf(fewDescriptors)(
    `${many} idle ones cost little, and others are served${fewDescriptors}`,
    async () => {
      const served = await ServedActions.open([]);
      const agent = new Agent({ keepAlive: true });
      await health(served.server.port, agent);
      const beforeBytes = process.memoryUsage().rss;
      const held = await started(
        many + 100,
        'hold-connections.mjs',
        String(served.server.port),
        String(many),
      );
      expect(JSON.parse(held)).toEqual({ open: many, ended: 0 });
      expect(await health(served.server.port, agent)).toBe(200);
      expect(await health(served.server.port, new Agent())).toBe(200);
      expect(process.memoryUsage().rss - beforeBytes).toBeLessThan(400 * 1024 * 1024);
      await served.server.close();
      agent.destroy();
    },
  );

  it.skipIf(notBuilt)(`out of descriptors, new ones are refused and old ones served${notBuilt}`, async () => {
    const port = Number(await started(80, 'serve-nothing.mjs'));
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    expect(await health(port, agent)).toBe(200);
    const { open } = JSON.parse(await started(400, 'hold-connections.mjs', String(port), '200'));
    expect(open).toBeGreaterThan(10);
    expect(await health(port, agent)).toBe(200);
    const holder = children.pop();
    holder?.stdin.end();
    if (holder) await once(holder, 'exit');
    await expect.poll(() => health(port, new Agent()).catch(() => 0), { timeout: 10_000 }).toBe(200);
    agent.destroy();
  });
});
