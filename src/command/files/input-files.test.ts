import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { listInputFiles } from './input-files.ts';

const root = mkdtempSync(path.join(tmpdir(), 'headgate-input-'));
afterAll(() => rmSync(root, { recursive: true }));

const flowLogs = 'bucket/AWSLogs/123456789012/vpcflowlogs/us-east-1';
const object = '123456789012_vpcflowlogs_us-east-1_fl-1234abcd';
for (const file of [
  'plain/b.log',
  'plain/a.log',
  'plain/.hidden',
  'plain/inner/c.log',
  `${flowLogs}/2026/03/14/${object}_20260314T1200Z_fe123456.log.gz`,
  `${flowLogs}/2026/03/15/${object}_20260315T1200Z_fe123456.log.gz`,
  'bucket/AWSLogs/123456789012/CloudTrail/us-east-1/2026/03/15/x.json.gz',
  'export/aws-logs-write-test',
  'export/id/stream/000000.gz',
]) {
  mkdirSync(path.join(root, path.dirname(file)), { recursive: true });
  writeFileSync(path.join(root, file), 'x');
}
symlinkSync(path.join(root, 'plain'), path.join(root, 'plain/inner/loop'));
symlinkSync(path.join(root, 'plain/a.log'), path.join(root, 'plain/link.log'));

async function namesOf(operands: readonly string[], range?: { startMs: number; endMs: number }) {
  const { files, ...passedOver } = await listInputFiles(
    operands.map((each) => path.join(root, each)),
    range,
  );
  return { names: files.map(({ name }) => path.relative(root, name)), ...passedOver };
}

describe('listInputFiles', () => {
  it('takes files as they are given, and all of a folder by name', async () => {
    expect(await namesOf(['plain/b.log', 'plain'])).toEqual({
      names: ['plain/b.log', 'plain/a.log', 'plain/b.log', 'plain/inner/c.log', 'plain/link.log'],
      outsideTime: 0,
      notFlowLogs: 0,
    });
  });

  it('takes the flow logs of a bucket', async () => {
    const { names, notFlowLogs } = await namesOf(['bucket']);
    expect(names.map((name) => name.split('/').slice(5, 8).join('-'))).toEqual(['2026-03-14', '2026-03-15']);
    expect(notFlowLogs).toBe(1);
  });

  it('takes the logs of another service from its own folder', async () => {
    expect(await namesOf(['bucket/AWSLogs/123456789012/CloudTrail'])).toMatchObject({
      names: ['bucket/AWSLogs/123456789012/CloudTrail/us-east-1/2026/03/15/x.json.gz'],
      notFlowLogs: 0,
    });
  });

  it('leaves out what a range cannot want', async () => {
    const startMs = Date.UTC(2026, 2, 15);
    expect(await namesOf(['bucket'], { startMs, endMs: startMs + 86_400_000 })).toMatchObject({
      names: [`${flowLogs}/2026/03/15/${object}_20260315T1200Z_fe123456.log.gz`],
      outsideTime: 1,
    });
  });

  it('takes an object that is named whatever its key tells', async () => {
    const range = { startMs: 0, endMs: 1 };
    const name = `${flowLogs}/2026/03/14/${object}_20260314T1200Z_fe123456.log.gz`;
    expect(await namesOf([name], range)).toMatchObject({ names: [name] });
  });

  it('leaves out what tests a bucket of exports', async () => {
    expect((await namesOf(['export'])).names).toEqual(['export/id/stream/000000.gz']);
  });

  it('refuses what is not there', async () => {
    await expect(listInputFiles([path.join(root, 'none')])).rejects.toThrow(
      `cannot read ${path.join(root, 'none')}: no such file`,
    );
  });
});
