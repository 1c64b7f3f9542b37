import { existsSync, renameSync } from 'node:fs';
import {
  DOUBLE,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBInstance,
  type DuckDBType,
  INTEGER,
  TINYINT,
  UINTEGER,
  UTINYINT,
} from '@duckdb/node-api';
import { parseAddress } from '../src/ip/index.ts';
import type { FlowColumns } from './flow-columns.ts';
import { type FlowFile, readFlows } from './flow-file.ts';
import { shownPath, workPath } from './work-folder.ts';

/** DuckDB by itself, as the peer of the store. */
export interface Duck {
  readonly connection: DuckDBConnection;
  close(): void;
}

/** @param file `:memory:`, or a database file, made when absent */
export async function openDuck(file: string, memory = '1GiB'): Promise<Duck> {
  const instance = await DuckDBInstance.create(file, {
    threads: '2',
    memory_limit: memory,
    temp_directory: workPath('duck-spill'),
  });
  const connection = await instance.connect();
  return {
    connection,
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

const chunkRows = 2048;

/** The columns of the table that the typed arrays go to; where the mix has numbers of addresses, their 32 bits too. */
const tableColumns = [
  ['bytes', DOUBLE],
  ['source', INTEGER],
  ['destination', INTEGER],
  ['source_ipv4', UINTEGER],
  ['destination_ipv4', UINTEGER],
  ['srcport', INTEGER],
  ['dstport', INTEGER],
  ['packets', INTEGER],
  ['start', INTEGER],
  ['end', INTEGER],
  ['protocol', TINYINT],
  ['interface', UTINYINT],
  ['action', UTINYINT],
] as const satisfies readonly (readonly [string, DuckDBType])[];

type Numbers = Float64Array | Int32Array | Uint32Array | Int8Array | Uint8Array;

/** Appends all records as typed arrays to a new table `flows`, `-` as -1 or NaN. */
export async function appendFlows({ connection }: Duck, flows: FlowFile): Promise<void> {
  const declared = tableColumns.map(([name, type]) => `"${name}" ${type}`);
  await connection.run(`CREATE TABLE flows (${declared.join(', ')})`);
  const words = ipv4Words(flows.addresses);
  const appender = await connection.createAppender('flows');
  const chunk = DuckDBDataChunk.create(
    tableColumns.map(([, type]) => type),
    chunkRows,
  );
  for (const { length, columns } of readFlows(flows)) {
    const arrays = tableArrays(columns, words);
    for (let from = 0; from < length; from += chunkRows) {
      const rows = Math.min(chunkRows, length - from);
      // Vectors are as long as the chunk is when they are asked for.
      chunk.rowCount = rows;
      for (const [i, array] of arrays.entries()) fillVector(chunk, i, array.subarray(from, from + rows));
      appender.appendDataChunk(chunk);
    }
  }
  appender.closeSync();
}

/** By number; 0 for what is no IPv4 address. */
function ipv4Words(addresses: readonly string[]): Uint32Array {
  return Uint32Array.from(addresses, (text) => {
    const address = parseAddress(text);
    return address?.family === 4 ? address.words[3] >>> 0 : 0;
  });
}

function tableArrays(columns: FlowColumns, words: Uint32Array): readonly Numbers[] {
  const word = (number: number) => (number < 0 ? 0 : words[number]);
  return [
    columns.bytes,
    columns.source,
    columns.destination,
    Uint32Array.from(columns.source, word),
    Uint32Array.from(columns.destination, word),
    columns.sourcePort,
    columns.destinationPort,
    columns.packets,
    columns.start,
    columns.end,
    columns.protocol,
    columns.interfaceNumber,
    columns.action,
  ];
}

function fillVector(chunk: DuckDBDataChunk, index: number, values: Numbers): void {
  const vector = chunk.getColumnVector(index) as unknown as {
    readonly items: { set(values: Numbers): void };
    flush(): void;
  };
  vector.items.set(values);
  vector.flush();
}

/** How a Parquet file names and types the fields. */
export type ParquetStyle = 'aws' | 'typed';

/** One Parquet file (zstd) with all records in the order in which they were made; made once. */
export async function ensureParquet(flows: FlowFile, style: ParquetStyle): Promise<string> {
  const file = workPath(`flows-${flows.spec.records}-${style}.parquet`);
  if (existsSync(file)) return file;
  process.stderr.write(`making ${shownPath(file)}\n`);
  const duck = await openDuck(':memory:', '4GiB');
  try {
    await appendFlows(duck, flows);
    await nameTable(duck, 'addresses', flows.addresses);
    await nameTable(duck, 'interfaces', flows.interfaces);
    await duck.connection.run(
      `COPY (${parquetQuery(style, flows.accountId)}) TO '${file}.part' (FORMAT parquet, COMPRESSION zstd)`,
    );
    renameSync(`${file}.part`, file);
  } finally {
    duck.close();
  }
  return file;
}

/** Texts by their number. */
async function nameTable({ connection }: Duck, table: string, texts: readonly string[]): Promise<void> {
  await connection.run(`CREATE TABLE ${table} (number INTEGER, text VARCHAR)`);
  const appender = await connection.createAppender(table);
  for (const [number, text] of texts.entries()) {
    appender.appendInteger(number);
    appender.appendVarchar(text);
    appender.endRow();
  }
  appender.closeSync();
}

/** `-` is NULL in a number and the text `-` in a string, as in AWS's files; in the typed ones it is NULL everywhere. */
function parquetQuery(style: ParquetStyle, accountId: string): string {
  const missing = style === 'aws' ? "'-'" : 'NULL';
  const action = `CASE action WHEN 0 THEN 'ACCEPT' WHEN 1 THEN 'REJECT' ELSE ${missing} END AS action`;
  const addresses =
    style === 'aws'
      ? "coalesce(s.text, '-') AS srcaddr, coalesce(d.text, '-') AS dstaddr"
      : ['source', 'destination']
          .map((side) => {
            const name = `${side === 'source' ? 'src' : 'dst'}addr`;
            const text = side === 'source' ? 's.text' : 'd.text';
            return `nullif(${side}_ipv4, 0) AS ${name}, CASE WHEN ${side}_ipv4 = 0 THEN ${text} END AS ${name}_text`;
          })
          .join(', ');
  return `
    SELECT 2::INTEGER AS version, '${accountId}' AS account_id, i.text AS interface_id, ${addresses},
      nullif(srcport, -1) AS srcport, nullif(dstport, -1) AS dstport, nullif(protocol, -1)::INTEGER AS protocol,
      nullif(packets, -1)::BIGINT AS packets, CASE WHEN isnan(bytes) THEN NULL ELSE bytes::BIGINT END AS bytes,
      start::BIGINT AS start, "end"::BIGINT AS "end", ${action},
      CASE action WHEN 2 THEN 'NODATA' ELSE 'OK' END AS log_status
    FROM flows
    JOIN interfaces i ON i.number = interface
    LEFT JOIN addresses s ON s.number = source
    LEFT JOIN addresses d ON d.number = destination
    ORDER BY flows.rowid`;
}
