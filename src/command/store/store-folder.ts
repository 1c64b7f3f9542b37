import path from 'node:path';

/** Where the log store is in a data folder. */
export const storeFolder = (dataDirectory: string): string => path.join(dataDirectory, 'store');
