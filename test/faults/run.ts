/**
 * `npm run test:faults [-- --runs N --seed S --lanes L --verbose]`: delivery between a destination that fails and a process
 * that is killed. Each schedule follows from its seed; what was fed, what is there and what is told lost must come out even.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { OutsideServer } from './outside.ts';
import { type Played, play } from './play.ts';
import { kinds, type Schedule, scheduleOf } from './schedule.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '200' },
    seed: { type: 'string' },
    lanes: { type: 'string', default: '3' },
    verbose: { type: 'boolean', default: false },
  },
});
const runs = Number(values.runs);
const firstSeed = Number(values.seed ?? (process.env.CI ? 20261121 : Date.now() % 1_000_000_000));
// Of nobody: the server outside takes them because it is told to.
process.env.AWS_ACCESS_KEY_ID = 'AKIAFAULTSFAULTSFAUL';
process.env.AWS_SECRET_ACCESS_KEY = 'a secret of nobody, for the tests of faults';
process.env.AWS_EC2_METADATA_DISABLED = 'true';
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
for (const name of ['AWS_PROFILE', 'AWS_SESSION_TOKEN', 'AWS_ENDPOINT_URL']) delete process.env[name];

const folder = mkdtempSync(path.join(tmpdir(), 'headgate-faults-'));
process.env.AWS_CONFIG_FILE = path.join(folder, 'config');
process.env.AWS_SHARED_CREDENTIALS_FILE = path.join(folder, 'credentials');
const canLimitDisks = tryMount();
console.log(
  `${runs} schedules from seed ${firstSeed} on (--seed ${firstSeed} --runs ${runs} plays them again)`,
);
if (!canLimitDisks) console.log('SKIPPED: full disks. Only root may make disks of a size of their own.');

const beganMs = performance.now();
const outside = await OutsideServer.start(path.join(folder, 'outside'));
let next = 0;
let failed = 0;
const sums = { fed: 0, hits: 0, kills: 0, objects: 0, skipData: 0, doubled: 0, ambiguous: 0 };
try {
  await Promise.all(Array.from({ length: Number(values.lanes) }, () => runLane()));
} finally {
  await outside.stop();
  rmSync(folder, { recursive: true, force: true });
}
const seconds = Math.round((performance.now() - beganMs) / 1000);
console.log(
  `\n${runs - failed} schedules passed, ${failed} failed, in ${seconds} s: ${sums.fed} flows to 10 flow logs each, ` +
    `${sums.hits} requests hit, ${sums.kills} kills, ${sums.objects} objects seen whole, ${sums.skipData} SKIPDATA, ` +
    `${sums.doubled} records doubled where that may be, ${sums.ambiguous} deliveries ambiguous`,
);
process.exitCode = failed === 0 ? 0 : 1;

async function runLane(): Promise<void> {
  while (next < runs) {
    const schedule = scheduleOf(firstSeed + next++, canLimitDisks);
    const played = await play(schedule, outside, path.join(folder, String(schedule.seed)));
    tell(played);
  }
}

function tell(played: Played): void {
  const { schedule, verdicts, wrong, kills, hits, objects, seconds: took } = played;
  const isWrong = wrong.length > 0 || verdicts.some((verdict) => verdict.wrong.length > 0);
  const [first] = verdicts;
  const sum = (of: 'skipData' | 'doubled' | 'ambiguous') => verdicts.reduce((all, one) => all + one[of], 0);
  sums.fed += first?.fed ?? 0;
  sums.hits += hits;
  sums.kills += kills;
  sums.objects += objects;
  for (const name of ['skipData', 'doubled', 'ambiguous'] as const) sums[name] += sum(name);
  console.log(
    `${isWrong ? 'FAILED' : 'ok    '} seed ${schedule.seed}: ${described(schedule)}; ${first?.fed ?? '?'} flows, ${hits} hits, ` +
      `${kills} kills, ${sum('skipData')} SKIPDATA, ${sum('doubled')} doubled (${sum('ambiguous')} ambiguous), ${took.toFixed(1)} s`,
  );
  if (!isWrong && !values.verbose) return;
  if (isWrong) failed++;
  for (const line of wrong) console.log(`    ${line}`);
  console.table(verdicts.map(({ wrong: of, ...verdict }) => ({ ...verdict, wrong: of.length })));
  for (const { name, wrong: of } of verdicts)
    for (const line of of.slice(0, 8)) console.log(`    ${name}: ${line}`);
  console.log(`    ${JSON.stringify(schedule.steps)}`);
  for (const line of played.reports.slice(-40)) console.log(`    life ${line}`);
  console.log(`    again: npm run test:faults -- --seed ${schedule.seed} --runs 1`);
}

function described({ limitedDisk, spoolBytes, steps }: Schedule): string {
  const disk = limitedDisk === 'none' ? '' : `small disk of ${limitedDisk}, `;
  const spool = spoolBytes < 2 ** 20 ? 'small spool, ' : '';
  const of = steps.map((step) =>
    [
      ...kinds.flatMap((kind) => (step.faults[kind] ? [`${kind} ${step.faults[kind]}`] : [])),
      ...(step.isDiskFull ? ['disk full'] : []),
      ...(step.killedAtMs === undefined ? [] : ['kill']),
    ].join(' + '),
  );
  return `${disk}${spool}${of.join(', ')}`;
}

function tryMount(): boolean {
  const disk = path.join(folder, 'disk');
  mkdirSync(disk);
  const isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk]).status === 0;
  if (isMounted) spawnSync('umount', [disk]);
  return isMounted;
}
