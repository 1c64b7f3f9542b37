import type { Loss } from '../flow/index.ts';
import { RowTally } from './row-tally.ts';
import type { SegmentFile } from './segment-file.ts';
import type { Footer } from './segment-frames.ts';
import type { WrittenNames } from './segment-names.ts';

/** What is known of a segment besides its rows. */
export interface SegmentEnd {
  readonly footer: Footer;
  readonly tally: RowTally;
  readonly names: readonly WrittenNames[];
  /** The rest told what the end does not. */
  readonly isDamaged?: true;
}

/** Says nothing. */
const lostFooter: Footer = {
  runId: '',
  sealedMs: 0,
  before: 0,
  windows: [],
  losses: [],
  rows: 0,
  isDropped: false,
  namesAt: [],
  tallyAt: 0,
};

/**
 * The end of a segment. Of one whose end is damaged, what is whole of the rest tells: then every interface that it names
 * has lost an unknown number in every window of its rows.
 */
export async function readEnd(file: SegmentFile): Promise<SegmentEnd> {
  const footer = await file.footer();
  const tally = footer && (await file.tally(footer));
  const names = footer ? await file.names(footer) : [];
  if (footer && tally && names.length === footer.namesAt.length) return { footer, tally, names };
  const survey = await file.survey();
  const windows = new Set(survey.tally.losses('spool-failed').map(({ window }) => window));
  const interfaces = survey.names.flatMap((frame) => frame.interfaces.map(([index]) => index));
  const unknown = [...windows].flatMap((window) =>
    interfaces.map(
      (interfaceIndex): Loss => ({
        interfaceIndex,
        window,
        reason: 'spool-failed',
        flows: 0,
        packets: 0,
        isUnknown: true,
      }),
    ),
  );
  const known = footer ?? { ...lostFooter, losses: survey.losses };
  return {
    footer: { ...known, losses: [...known.losses, ...unknown] },
    tally: survey.tally,
    names: survey.names,
    isDamaged: true,
  };
}

/** Of a segment whose file is gone. */
export const emptyEnd = (): SegmentEnd => ({ footer: lostFooter, tally: new RowTally(), names: [] });

/** All that a segment lost: what it was told, and its rows when they were dropped. */
export function lossesOf({ footer, tally }: SegmentEnd): Loss[] {
  return footer.isDropped ? [...footer.losses, ...tally.losses('spool-full')] : [...footer.losses];
}
