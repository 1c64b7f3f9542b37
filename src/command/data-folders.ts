import path from 'node:path';

/** Where the objects of a data folder are; the archive may be elsewhere. */
export function objectFolders(
  dataDirectory: string,
  archiveFolder = path.join(dataDirectory, 's3-archive'),
): { readonly folder: string; readonly indexFolder: string; readonly archiveFolder: string } {
  return {
    folder: path.join(dataDirectory, 's3'),
    indexFolder: path.join(dataDirectory, 's3-index'),
    archiveFolder,
  };
}
