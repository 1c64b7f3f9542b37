import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isRemote, ServedAccount } from '../server.ts';
import { environment, installedPath } from './programs.ts';

const run = promisify(execFile);
const client = installedPath('go-client');
const isThere = existsSync(client);

let served: ServedAccount;

beforeAll(async () => {
  served = await ServedAccount.open();
});

afterAll(() => served.close());

describe.skipIf(isRemote)(
  isThere ? 'aws-sdk-go-v2' : 'the Go client is not here: skipped (.ci/run builds it where Go is)',
  () => {
    it.skipIf(!isThere)('makes a network, flow logs, events and objects, and takes them away', async () => {
      const { endpoint = '' } = served.client();
      const args = [endpoint, served.name('go')];
      const { stdout } = await run(client, args, { env: environment(served) });
      expect(JSON.parse(stdout)).toEqual({
        account: served.accountId,
        pages: [2, 1],
        unsuccessful: 0,
        missing: 'InvalidVpcID.NotFound',
        events: ['one REJECT'],
        counted: '2',
        again: true,
        object: 'object 3',
        whole: true,
        keys: [4, 2],
        absent: true,
      });
    });
  },
);
