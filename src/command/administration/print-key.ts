import type { OutputStream } from '../../report/index.ts';
import { printTable } from '../output/print-table.ts';
import type { AdministratorKey } from './questions.ts';

/** The key of an administrator, as the user keeps it. */
export async function printKey(
  output: OutputStream,
  { accountId, accessKeyId, secretAccessKey }: AdministratorKey,
  format: 'table' | 'json',
): Promise<void> {
  const columns = ['Account', 'UserName', 'AccessKeyId', 'SecretAccessKey'];
  await printTable(output, { columns, rows: [[accountId, 'admin', accessKeyId, secretAccessKey]] }, format);
}
