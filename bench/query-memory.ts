/** A process of its own that asks every question once in one way, and says the peak of its memory in MiB. */
import { type Answerer, askInsights, askParquet } from './ask.ts';
import { openStore } from './opened-store.ts';
import { forgetPeak, peakMegabytes } from './peak-memory.ts';
import { questions } from './questions.ts';

/** By question; what the process holds from earlier ones is in it. */
export type QuestionPeaks = Readonly<Record<string, number>>;

async function peaksOf(answerer: Answerer): Promise<QuestionPeaks> {
  const peaks: Record<string, number> = {};
  for (const question of questions()) {
    forgetPeak();
    await answerer.ask(question);
    peaks[question.name] = peakMegabytes();
  }
  return peaks;
}

async function main([way, source]: readonly string[]): Promise<void> {
  if (way === 'parquet') {
    const peer = await askParquet(source);
    process.stdout.write(`${JSON.stringify(await peaksOf(peer))}\n`);
    peer.duck.close();
    return;
  }
  const opened = await openStore(source);
  process.stdout.write(`${JSON.stringify(await peaksOf(askInsights(opened)))}\n`);
  await opened.close();
}

await main(process.argv.slice(2));
