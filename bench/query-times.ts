/** A process of its own that asks every question in the three ways in turn, and says how long each took. */
import { type Answerer, askByHand, askInsights, askParquet, expectSameAnswers } from './ask.ts';
import { openStore } from './opened-store.ts';
import { type Question, questions } from './questions.ts';

/** Seconds, round by round. */
export interface Times {
  readonly wall: readonly number[];
  /** Of all threads: what others do on the machine matters less to it. */
  readonly cpu: readonly number[];
}

export interface QuestionTimes {
  readonly name: string;
  readonly rows: number;
  readonly insights: Times;
  readonly byHand: Times;
  readonly parquet: Times;
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
  const times = { insights: noTimes(), byHand: noTimes(), parquet: noTimes() };
  for (let round = 0; round < rounds; round++) {
    for (const way of ways) {
      const start = performance.now();
      const cpuBefore = process.cpuUsage();
      await answerers[way].ask(question);
      const { user, system } = process.cpuUsage(cpuBefore);
      times[way].wall.push((performance.now() - start) / 1000);
      times[way].cpu.push((user + system) / 1e6);
    }
  }
  return { name: question.name, rows: answers.insights.length, ...times };
}

function noTimes(): { readonly wall: number[]; readonly cpu: number[] } {
  return { wall: [], cpu: [] };
}

async function main([directory, parquet, rounds]: readonly string[]): Promise<void> {
  const opened = await openStore(directory);
  const peer = await askParquet(parquet);
  const answerers = { insights: askInsights(opened), byHand: askByHand(opened), parquet: peer };
  const all: QuestionTimes[] = [];
  for (const question of questions()) {
    const times = await timesOf(question, answerers, Number(rounds));
    const shown = ways.map((way) => `${way} ${Math.min(...times[way].wall).toFixed(3)} s`);
    process.stderr.write(`${question.name}: ${times.rows} rows, ${shown.join(', ')}\n`);
    all.push(times);
  }
  peer.duck.close();
  await opened.close();
  process.stdout.write(`${JSON.stringify(all)}\n`);
}

await main(process.argv.slice(2));
