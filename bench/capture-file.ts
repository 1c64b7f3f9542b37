import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type Contender, headgate, nfpcapd, softflowd, tcpdumpCopy } from './contenders.ts';
import { contest } from './contest.ts';
import { writeDescribedNetwork } from './described-network.ts';
import { formatCount } from './figures.ts';
import { ensureTrace, type TraceSummary } from './generate-trace.ts';
import { machineLine, versionLine, writeSection } from './results-page.ts';
import { mixedTrace } from './traces.ts';
import { repositoryFolder, shownPath, workPath } from './work-folder.ts';

/** Headgate against softflowd and nfpcapd on the generated trace and, where it is present, on a real one. */
export async function benchCaptureFile(rounds: number): Promise<void> {
  const sink = await openSink();
  try {
    const trace = ensureTrace(workPath('mixed.pcap'), mixedTrace);
    const network = workPath('network');
    writeDescribedNetwork(network);
    const peers = [softflowd(sink.address().port), nfpcapd(), tcpdumpCopy()];
    const ours = headgate('headgate, made-up network', []);
    const described = headgate('headgate, described network', ['--vpc', shownPath(network)]);
    const parts = [
      machineLine(),
      peerVersions(),
      `### Generated trace\n\n${describeTrace(trace)}`,
      contest({ input: trace.file, packets: trace.packets }, [ours, described, ...peers], rounds),
      ...contestZeek([ours, ...peers], rounds),
    ];
    writeSection('capture-file', parts.join('\n\n'));
  } finally {
    sink.close();
  }
}

/** Where softflowd's datagrams go: a bound socket that nobody reads, so that it costs nothing. */
async function openSink(): Promise<Socket> {
  const sink = createSocket('udp4');
  sink.bind(0, '127.0.0.1');
  await once(sink, 'listening');
  return sink;
}

function peerVersions(): string {
  const softflowdVersion = versionLine('softflowd', ['-h'], /softflowd version [\d.]*\d/);
  const nfpcapdVersion = versionLine('nfpcapd', ['-V'], /nfpcapd: Version: [\d.]*\d/);
  return `Peers: ${softflowdVersion || 'no softflowd'}; ${nfpcapdVersion || 'no nfpcapd'}.`;
}

export function describeTrace(trace: TraceSummary): string {
  const share = (part: number) => `${((100 * part) / trace.packets).toFixed(1)} %`;
  return `${formatCount(trace.packets)} packets of ${formatCount(trace.conversations)} conversations (both directions of a 5-tuple count once) over ${trace.spec.seconds} s, at most ${formatCount(trace.mostAlive)} at once; ${formatCount(trace.ipBytes)} bytes of IP, a file of ${formatCount(trace.fileBytes)} bytes. ${share(trace.smallPackets)} of the packets have at most 128 bytes, ${share(trace.fullPackets)} at least 1400; ${share(trace.ipv6Packets)} are IPv6, ${share(trace.tcpPackets)} TCP, ${share(trace.udpPackets)} UDP, ${share(trace.icmpPackets)} ICMP, ${share(trace.vlanPackets)} have a VLAN tag, ${share(trace.fragments)} are fragments.`;
}

const zeekTrace = join('pcap', 'zeek', 'echo-connections.pcap.gz');
/** The data set says so: packets of 500 TCP connections. */
const zeekPackets = 82_582;

function contestZeek(contenders: readonly Contender[], rounds: number): string[] {
  const shared = process.env.HEADGATE_SHARED_DATA ?? join(repositoryFolder, '..', 'shared', 'data');
  const source = join(shared, zeekTrace);
  if (!existsSync(source)) return [];
  const input = workPath('echo-connections.pcap');
  writeFileSync(input, gunzipSync(readFileSync(source)));
  const title = `### Zeek's echo-connections.pcap\n\n${formatCount(zeekPackets)} packets of 500 TCP connections, uncompressed for all: a short run, in which starting counts most.`;
  return [title, contest({ input, packets: zeekPackets }, contenders, rounds)];
}
