import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { writePcap } from '../capture-file-writer.ts';
import { ethernet, tcpPacket } from '../frames.ts';
import { sharedData } from '../shared-data.ts';
import { headgate, linesOf, Scratch } from './headgate.ts';

const scratch = new Scratch();

describe.skipIf(!sharedData)('a network that nobody here made (skipped without the shared data)', () => {
  const network = path.join(sharedData ?? '', 'aws/hybrid-cloud');

  it('is captured as it is, although its VPC has no real account', async () => {
    const ssh = tcpPacket({ src: '198.51.100.1', dst: '192.168.1.186', srcPort: 40_000, dstPort: 22 });
    const folder = scratch.folder({
      'ssh.pcap': writePcap([{ timeMs: 1_700_000_000_000, bytes: ethernet({ payload: ssh }) }]),
    });
    const { code, stdout, stderr } = await headgate(folder, ['capture', 'ssh.pcap', '--vpc', network]);
    expect(linesOf(stdout)).toEqual([
      '2 118292266645 eni-707e5a5e 198.51.100.1 192.168.1.186 40000 22 6 1 40 1700000000 1700000000 ACCEPT OK',
    ]);
    expect(stderr).toContain('warning: owners differ');
    expect(code).toBe(0);
  });
});
