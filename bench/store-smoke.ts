import { rmSync } from 'node:fs';
import { askByHand, askInsights, askParquet, expectSameAnswers } from './ask.ts';
import { ensureParquet } from './flow-duck.ts';
import { ensureFlows } from './flow-file.ts';
import { dayMix } from './flow-mixes.ts';
import { groupName, openStore, putFlows } from './opened-store.ts';
import { questions } from './questions.ts';
import { workPath } from './work-folder.ts';

const records = 20_000;

/** A small day into a store and out of it: each question must give the same rows in the three ways. */
export async function smokeStore(): Promise<void> {
  const flows = ensureFlows(dayMix(records));
  const directory = workPath('smoke-store');
  rmSync(directory, { recursive: true, force: true });
  const opened = await openStore(directory);
  const peer = await askParquet(await ensureParquet(flows, 'aws'));
  await opened.logs.ensureLogGroup(groupName);
  await putFlows(opened.logs, flows);
  const [insights, byHand] = [askInsights(opened), askByHand(opened)];
  // First of rows in memory, then of segments.
  for (let flushes = 0; flushes < 2; flushes++) {
    for (const question of questions()) {
      const answers = {
        insights: await insights.ask(question),
        byHand: await byHand.ask(question),
        parquet: await peer.ask(question),
      };
      expectSameAnswers(question, answers);
    }
    await opened.store.flush();
  }
  peer.duck.close();
  await opened.close();
  process.stdout.write(
    `store: ${records} records, ${questions().length} questions, the same rows in three ways\n`,
  );
}
