import { rmSync } from 'node:fs';
import { askByHand, askInsights, askParquet, expectSameRows } from './ask.ts';
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
  for (const moment of ['recent rows', 'segments']) {
    for (const question of questions()) {
      const rows = await insights.ask(question);
      if (rows.length === 0) throw new Error(`${question.name}: no rows`);
      expectSameRows(`${moment}: ${question.name} by hand`, await byHand.ask(question), rows);
      expectSameRows(`${moment}: ${question.name} from Parquet`, await peer.ask(question), rows);
    }
    await opened.store.flush();
  }
  peer.duck.close();
  await opened.close();
  process.stdout.write(
    `store: ${records} records, ${questions().length} questions, the same rows in three ways\n`,
  );
}
