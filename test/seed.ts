import fc from 'fast-check';

/**
 * Property tests play other values in every run, but for CI: there a change is judged by what it changes, not by what
 * chance finds. `HEADGATE_SEED` plays a run again.
 */
const { CI, HEADGATE_SEED } = process.env;
const seed = HEADGATE_SEED ?? (CI ? '20261121' : undefined);
if (seed !== undefined) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(seed) });
