import { existsSync } from 'node:fs';
import path from 'node:path';

const folder = process.env.HEADGATE_SHARED_DATA ?? path.resolve(import.meta.dirname, '../../shared/data');

/**
 * The folder of test inputs that nobody here made, or `undefined` where it is absent: those tests are then skipped,
 * and their titles say why.
 */
export const sharedData: string | undefined = existsSync(folder) ? folder : undefined;
