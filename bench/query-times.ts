/** A process of its own that asks every question in the three ways in turn, and says how long each took. */
import { type Answerer, askByHand, askInsights, askParquet, expectSameAnswers } from './ask.ts';
import { openStore } from './opened-store.ts';
import { type Question, questions } from './questions.ts';

/** Seconds, round by round. */
export interface QuestionTimes {
  readonly name: string;
  readonly rows: number;
  readonly insights: readonly number[];
  readonly byHand: readonly number[];
  readonly parquet: readonly number[];
}

const ways = ['insights', 'byHand', 'parquet'] as const;
type Answerers = Readonly<Record<(typeof ways)[number], Answerer>>;

/** The first round is not counted: its rows are compared. */
async function timesOf(question: Question, answerers: Answerers, rounds: number): Promise<QuestionTimes> {
  const answers = {
    insights: await answerers.insights.ask(question),
    byHand: await answerers.byHand.ask(question),
    parquet: await answerers.parquet.ask(question),
  };
  expectSameAnswers(question, answers);
  const times = { insights: [] as number[], byHand: [] as number[], parquet: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    for (const way of ways) {
      const start = performance.now();
      await answerers[way].ask(question);
      times[way].push((performance.now() - start) / 1000);
    }
  }
  return { name: question.name, rows: answers.insights.length, ...times };
}

async function main([directory, parquet, rounds]: readonly string[]): Promise<void> {
  const opened = await openStore(directory);
  const peer = await askParquet(parquet);
  const answerers = { insights: askInsights(opened), byHand: askByHand(opened), parquet: peer };
  const all: QuestionTimes[] = [];
  for (const question of questions()) {
    const times = await timesOf(question, answerers, Number(rounds));
    const shown = ways.map((way) => `${way} ${Math.min(...times[way]).toFixed(3)} s`);
    process.stderr.write(`${question.name}: ${times.rows} rows, ${shown.join(', ')}\n`);
    all.push(times);
  }
  peer.duck.close();
  await opened.close();
  process.stdout.write(`${JSON.stringify(all)}\n`);
}

await main(process.argv.slice(2));
