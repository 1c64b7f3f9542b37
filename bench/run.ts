import { parseArgs } from 'node:util';
import { benchCaptureFile, describeTrace } from './capture-file.ts';
import { ensureTrace } from './generate-trace.ts';
import { benchLive } from './live.ts';
import { smoke } from './smoke.ts';
import { mixedTrace, smallTrace } from './traces.ts';
import { workPath } from './work-folder.ts';

const usage = `Usage: npm run bench -- [SECTION…] [--runs N]

  generate      only make the traces
  capture-file  a generated and a real capture file, against softflowd and nfpcapd
  live          1 M packets/s over a veth pair (root)
  smoke         a small trace through Headgate: asserts the sums, measures nothing

Without a section: capture-file and live. Figures go to bench/results.md; --runs (default 7) is for capture-file.
`;

function generate(): void {
  for (const [name, spec] of Object.entries({ mixed: mixedTrace, small: smallTrace })) {
    const trace = ensureTrace(workPath(`${name}.pcap`), spec);
    process.stdout.write(`${name}.pcap: ${describeTrace(trace)}\n`);
  }
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { runs: { type: 'string', default: '7' }, help: { type: 'boolean', short: 'h' } },
  });
  const sections: Record<string, () => void | Promise<void>> = {
    generate,
    'capture-file': () => benchCaptureFile(Number(values.runs)),
    live: benchLive,
    smoke,
  };
  const chosen = positionals.length > 0 ? positionals : ['capture-file', 'live'];
  const unknown = chosen.filter((name) => !(name in sections));
  if (values.help || unknown.length > 0 || !(Number(values.runs) >= 1)) {
    process.stderr.write(unknown.length > 0 ? `no section ${unknown.join(', ')}\n\n${usage}` : usage);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  for (const name of chosen) await sections[name]();
}

await main();
