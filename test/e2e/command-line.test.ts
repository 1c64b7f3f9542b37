import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { listDevices } from '../../src/capture/index.ts';
import { fields } from '../../src/record/index.ts';
import { headgate, linesOf, Scratch } from './headgate.ts';

const scratch = new Scratch();
const run = (args: readonly string[], files: Readonly<Record<string, Uint8Array | string>> = {}) =>
  headgate(scratch.folder(files), args);

describe.concurrent('help', () => {
  it.each([
    { args: ['help'], code: 0 },
    { args: ['--help'], code: 0 },
    { args: ['-h'], code: 0 },
    { args: [], code: 2 },
    { args: ['capture', '--help'], code: 0 },
    { args: ['capture', '-h'], code: 0 },
    { args: ['fields', '--help'], code: 0 },
    { args: ['vpc', '--help'], code: 0 },
    { args: ['query', '--help'], code: 0 },
    { args: ['import', '--help'], code: 0 },
    { args: ['logs', '--help'], code: 0 },
    { args: ['status', '--help'], code: 0 },
    { args: ['up', '--help'], code: 0 },
    { args: ['env', '--help'], code: 0 },
    { args: ['configure', '--help'], code: 0 },
    { args: ['keys', '--help'], code: 0 },
    { args: ['account', '--help'], code: 0 },
  ])('$args fits a screen of 40 lines and 110 columns', async ({ args, code }) => {
    const ended = await run(args);
    expect(ended).toMatchObject({ code, stderr: '' });
    const lines = linesOf(ended.stdout);
    expect(lines[0]).toMatch(/^Usage: headgate /);
    expect(lines.length).toBeLessThanOrEqual(40);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(110);
  });
});

describe.concurrent('what cannot be done is said in a sentence, with exit code 2', () => {
  it.each([
    { name: 'a command', args: ['captur'], says: 'headgate: no command "captur"; headgate help lists them' },
    { name: 'a name of every object', args: ['constructor'], says: 'headgate: no command "constructor"' },
    { name: 'an option', args: ['capture', '--windows', '10'], says: "Unknown option '--windows'" },
    { name: 'a value', args: ['capture', '--window', '7'], says: '--window: found "7", expected' },
    {
      name: 'a format',
      args: ['capture', 'x', '--format', '$' + '{srcadr}'],
      says: 'unknown field "srcadr", at character 2\nexpected perhaps srcaddr',
    },
    { name: 'a file', args: ['capture', 'x'], says: 'cannot read x: no such file' },
    { name: 'a directory as file', args: ['capture', '.'], says: 'cannot read .: a directory' },
    { name: 'an empty file', args: ['capture', 'empty'], says: 'empty: not a capture: begins with nothing' },
    {
      name: 'a text as file',
      args: ['capture', 'text'],
      says: 'text: not a capture: begins with 68 65 6c 6c',
    },
    { name: 'a network', args: ['capture', 'x', '--vpc', 'none'], says: 'none: no such folder' },
    { name: 'IP ranges', args: ['capture', 'x', '--ip-ranges', 'none'], says: 'IP ranges none: ENOENT' },
    { name: 'an account', args: ['capture', 'x', '--account', '12'], says: 'found "12"' },
    {
      name: 'an output of fields',
      args: ['fields', '--output', 'xml'],
      says: '--output: found "xml", expected',
    },
    { name: 'an argument of fields', args: ['fields', 'all'], says: "Unexpected argument 'all'" },
    { name: 'vpc alone', args: ['vpc'], says: 'headgate vpc: expected init DIR, check DIR or import DIR' },
    {
      name: 'another vpc command',
      args: ['vpc', 'edit', 'x'],
      says: 'expected init DIR, check DIR or import DIR',
    },
    { name: 'a folder to check', args: ['vpc', 'check', 'none'], says: 'none: no such folder' },
  ])('$name', async ({ args, says }) => {
    const { code, stdout, stderr } = await run(args, { empty: '', text: 'hello' });
    expect(stderr).toContain(says);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });
});

describe.concurrent('fields', () => {
  it('lists every field', async () => {
    const { code, stdout } = await run(['fields']);
    const lines = linesOf(stdout);
    expect(code).toBe(0);
    expect(lines[0]).toMatch(/^FIELD +VERSION +TYPE +COMPUTED +MEANING$/);
    for (const { token } of fields) expect(stdout).toMatch(new RegExp(`^${token} `, 'm'));
  });

  it('--output json is the table itself: 54 fields of AWS, and two of its own', async () => {
    const { stdout } = await run(['fields', '--output', 'json']);
    const listed = JSON.parse(stdout) as { token: string; type: string }[];
    expect(listed).toEqual(JSON.parse(JSON.stringify(fields)));
    expect(listed).toHaveLength(56);
  });
});

const hasDevices = listsDevices();
function listsDevices(): boolean {
  try {
    return listDevices().some(({ notCaptured }) => notCaptured === undefined);
  } catch {
    return false;
  }
}

describe.skipIf(!hasDevices).concurrent('vpc (skipped where no device can be captured)', () => {
  it('init writes the network of this host, which check and capture read', async () => {
    const folder = scratch.folder();
    const init = await headgate(folder, ['vpc', 'init', 'net', '--account', '111122223333']);
    expect(init).toMatchObject({ code: 0, stderr: '' });
    expect(linesOf(init.stdout).sort()).toEqual(
      readdirSync(path.join(folder, 'net'))
        .map((file) => `net/${file}`)
        .sort(),
    );
    const check = await headgate(folder, ['vpc', 'check', 'net']);
    expect(check.stdout).toMatch(
      /^net: 1 VPCs, [0-9]+ subnets, [0-9]+ network interfaces, 1 security groups, 1 network ACLs$/m,
    );
    expect(check.code).toBe(0);
  });

  it('init gives the same ids each time', async () => {
    const folder = scratch.folder();
    for (const name of ['one', 'two']) await headgate(folder, ['vpc', 'init', name]);
    const textOf = (name: string) => readFileSync(path.join(folder, name, 'NetworkInterfaces.json'), 'utf8');
    expect(textOf('two')).toBe(textOf('one'));
  });

  it('init overwrites nothing', async () => {
    const folder = scratch.folder();
    await headgate(folder, ['vpc', 'init', 'net']);
    const before = readFileSync(path.join(folder, 'net/SecurityGroups.json'), 'utf8');
    const { code, stderr } = await headgate(folder, ['vpc', 'init', 'net', '--region', 'eu-west-1']);
    expect(stderr).toMatch(/^net: a network is here already, expected an empty folder\n/);
    expect(code).toBe(2);
    expect(readFileSync(path.join(folder, 'net/SecurityGroups.json'), 'utf8')).toBe(before);
  });
});

describe.concurrent('vpc check', () => {
  it('lists every error with its place', async () => {
    const folder = scratch.folder({
      'Vpcs.json': '{"Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/33"}]}',
      'Subnets.json': '{"Subnets": [{"SubnetId": "subnet-1", "VpcId": "vpc-2", "CidrBlock": "10.0.1.0/24"}]}',
      'NetworkInterfaces.json': '{"NetworkInterfaces": [',
      'SecurityGroups.json': '{"SecurityGroups": []}',
    });
    const { code, stdout, stderr } = await headgate(folder, ['vpc', 'check', '.']);
    const [first, ...errors] = linesOf(stderr);
    expect(first).toBe(".: 4 errors in the network's files");
    expect(errors.map((line) => /^\S+/.exec(line)?.[0]).sort()).toEqual([
      'NetworkAcls.json:',
      'NetworkInterfaces.json:',
      'Subnets.json:',
      'Vpcs.json:',
    ]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });
});
