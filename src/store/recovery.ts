import { readFile, rm } from 'node:fs/promises';
import { syncPath } from '../disk/index.ts';
import type { Commit } from './commit.ts';
import { decodeCommit } from './frame-codec.ts';
import { Journal, journalFile } from './journal.ts';
import { type Frame, readFrames } from './journal-frame.ts';
import { journalNumbers, moveAside, type StoreFolder } from './store-folder.ts';

export interface Replay {
  /** The first journal that is not in segments. */
  readonly journal: number;
  /** Of the first commit that is to be in it. */
  readonly next: number;
  /** What was acknowledged before; 0 when nobody knows. */
  readonly acknowledged: number;
  readonly report: (sentence: string) => void;
  /** A journal begins; the commits that follow are its. */
  readonly begin: (journal: Journal) => void;
  readonly apply: (commit: Required<Commit>, frame: Frame) => Promise<void>;
}

export interface Replayed {
  /** Of the last good commit. */
  readonly sequence: number;
  /** The last journal, or the one that was to come. */
  readonly lastJournal: number;
  readonly missingCommits: number;
}

/**
 * Makes the commits of the journals once more, up to the last good one. The end of a journal that was never
 * acknowledged is cut off. Where more is missing, the journal and those behind it are moved aside, and what is good
 * of it is kept.
 */
export async function replayJournals(folder: StoreFolder, replay: Replay): Promise<Replayed> {
  const { acknowledged, report } = replay;
  let next = replay.next;
  let lastJournal = replay.journal;
  const aside: string[] = [];
  for (const number of await journalNumbers(folder)) {
    if (number < replay.journal) {
      await rm(journalFile(folder.journals, number));
      continue;
    }
    lastJournal = number;
    const file = journalFile(folder.journals, number);
    if (aside.length > 0) {
      aside.push(await moveAside(file));
      continue;
    }
    const { frames, goodBytes, bytes, isDamaged } = await readJournal(file, next);
    const last = next + frames.length - 1;
    const isCut = goodBytes < bytes.length;
    if (isCut && (isDamaged || acknowledged > last)) {
      aside.push(await moveAside(file, bytes.subarray(0, goodBytes)));
    } else if (isCut) {
      report(
        `${bytes.length - goodBytes} bytes of a commit that nobody was told of are cut off journal ${number}`,
      );
    }
    replay.begin(await Journal.continued(folder.journals, number, goodBytes));
    for (const frame of frames) await replay.apply(decodeCommit(frame.payload), frame);
    next += frames.length;
  }
  const missingCommits = Math.max(0, acknowledged - (next - 1));
  if (aside.length > 0 || missingCommits > 0) report(lossSentence(next - 1, missingCommits, aside));
  return { sequence: next - 1, lastJournal, missingCommits };
}

/** A process that ended may have left what it wrote to the kernel alone: commits are made of what is on the disk. */
async function readJournal(file: string, next: number) {
  await syncPath(file);
  const bytes = await readFile(file);
  return { bytes, ...readFrames(bytes, next) };
}

function lossSentence(sequence: number, missing: number, aside: readonly string[]): string {
  const known = missing > 0 ? `${missing} acknowledged commits are missing` : 'later commits may be missing';
  const files = aside.length > 0 ? `; what could not be read is now ${aside.join(', ')}` : '';
  return `the store is open up to commit ${sequence}, ${known}${files}`;
}
