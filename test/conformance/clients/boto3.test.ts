import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isRemote, ServedAccount } from '../server.ts';
import { environment, pythons, shown } from './programs.ts';

const run = promisify(execFile);
const found = (await pythons()).map((client) => ({ ...client, name: shown(client) }));

let served: ServedAccount;

beforeAll(async () => {
  served = await ServedAccount.open();
});

afterAll(() => served.close());

describe.skipIf(isRemote).each(found)('$name', ({ program, version }) => {
  it.skipIf(!version)(
    'makes a network, flow logs and events, and takes them away',
    { timeout: 120_000 },
    async () => {
      const name = served.name('boto');
      const trust = JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Principal: { AWS: served.accountId, Service: 'vpc-flow-logs.amazonaws.com' },
            Action: 'sts:AssumeRole',
          },
        ],
      });
      const { endpoint = '' } = served.client();
      const script = path.join(import.meta.dirname, 'boto3-flow.py');
      const { stdout } = await run(program, [script, endpoint, name, trust], { env: environment(served) });
      const { tail, ...seen } = JSON.parse(stdout);
      expect(seen).toEqual({
        permissions: [443],
        statement: 'logs:*',
        pages: [5, 1],
        unsuccessful: [],
        missing: 'InvalidSubnetID.NotFound',
        events: ['one REJECT'],
        results: [[{ field: 'events', value: '2' }]],
        again: 'The specified log group already exists',
        who: `arn:aws:sts::${served.accountId}:assumed-role/${name}/boto`,
        metrics: [],
      });
      // boto3 1.26.27 is older than Live Tail.
      expect(tail).toEqual(version?.includes(' 1.26.') ? undefined : ['for the tail']);
    },
  );
});
