import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { testRows } from '../../test/flow-rows.ts';
import { testIdentity } from '../../test/meter-harness.ts';
import { testNetwork } from '../../test/test-network.ts';
import { NetworkView } from '../command/capture/network-view.ts';
import { type FlowRows, float64, rowFloat64s, rowWords, word } from '../flow/index.ts';
import { Coverage } from './coverage.ts';
import { splitRows } from './split-rows.ts';

const subnets = { 'subnet-1': '10.0.1.0/24', 'subnet-2': '10.0.2.0/24' };
const interfaces = [
  { id: 'eni-0', addresses: ['10.0.1.10'] },
  { id: 'eni-1', addresses: ['10.0.1.11'] },
  { id: 'eni-2', addresses: ['10.0.2.12'], subnet: 'subnet-2' },
];
const described = testNetwork({ vpcId: 'vpc-1', subnets, interfaces });

function viewOf(network = described): NetworkView {
  const view = new NetworkView(testIdentity, {}, () => undefined);
  view.load(network);
  return view;
}

const on = (...ids: readonly string[]) => ids.map((ResourceId) => ({ ResourceId }));

describe('Coverage', () => {
  const flowLogs = on('vpc-1', 'subnet-1', 'eni-1', 'vpc-2', 'subnet-2', 'vpc-1');
  it.each([
    { name: 'an interface of the first subnet', index: 0, members: [0, 1, 5] },
    { name: 'one with a flow log of its own', index: 1, members: [0, 1, 2, 5] },
    { name: 'an interface of the second subnet', index: 2, members: [0, 4, 5] },
  ])('$name', ({ index, members }) => {
    const coverage = new Coverage(flowLogs, viewOf());
    expect(coverage.setOf(index).members).toEqual(members);
    expect(flowLogs.map((_, place) => coverage.covers(place, index))).toEqual(
      flowLogs.map((_, place) => members.includes(place)),
    );
  });

  it('covers interfaces that come to be later', () => {
    const view = viewOf();
    const coverage = new Coverage(on('subnet-2'), view);
    view.addInterfaces([{ NetworkInterfaceId: 'eni-9', SubnetId: 'subnet-2', VpcId: 'vpc-1' }]);
    expect(coverage.covers(0, 3)).toBe(true);
  });

  it('follows an interface that is described anew', () => {
    const view = viewOf();
    const coverage = new Coverage(on('subnet-2'), view);
    expect(coverage.covers(0, 0)).toBe(false);
    view.load(
      testNetwork({
        vpcId: 'vpc-1',
        subnets,
        interfaces: [{ id: 'eni-0', addresses: ['10.0.2.10'], subnet: 'subnet-2' }],
      }),
    );
    expect(coverage.covers(0, 0)).toBe(true);
  });
});

/** Of each row: which it is, and its packets. */
function portsOf(rows: FlowRows | undefined): number[] {
  if (!rows) return [];
  return Array.from({ length: rows.count }, (_, i) => rows.words[i * rowWords + word.ports] >>> 16);
}

describe('splitRows', () => {
  it('copies nothing where a flow log takes all', () => {
    const rows = testRows([{ interfaceIndex: 0 }, { interfaceIndex: 1 }]);
    const { shares } = splitRows(rows, new Coverage(on('vpc-1', 'subnet-1'), viewOf()));
    expect(shares.map((share) => share?.rows)).toEqual([rows, rows]);
    expect(shares[0]?.rows).toBe(rows);
  });

  it('gives nobody anything without flow logs, and counts it', () => {
    const rows = testRows([{ packets: 3 }, { packets: 4 }]);
    expect(splitRows(rows, new Coverage([], viewOf()))).toEqual({
      shares: [],
      loggedPackets: 0,
      unloggedPackets: 7,
    });
  });

  it('agrees with a filter for each flow log', () => {
    const flows = fc.array(
      fc.record({ interfaceIndex: fc.integer({ min: 0, max: 2 }), packets: fc.integer({ min: 1, max: 9 }) }),
      { maxLength: 30 },
    );
    const flowLogs = fc.subarray(['vpc-1', 'vpc-2', 'subnet-1', 'subnet-2', 'eni-0', 'eni-1', 'eni-2']);
    const view = viewOf();
    fc.assert(
      fc.property(flows, flowLogs, (given, ids) => {
        const rows = testRows(given.map((flow, srcPort) => ({ ...flow, srcPort })));
        const { shares, loggedPackets, unloggedPackets } = splitRows(rows, new Coverage(on(...ids), view));
        const isOn = (id: string, index: number) => {
          const { interfaceId, subnetId, vpcId } = view.facts(index);
          return [interfaceId, subnetId, vpcId].includes(id);
        };
        const sum = (some: typeof given) => some.reduce((total, { packets }) => total + packets, 0);
        ids.forEach((id, place) => {
          const taken = given.flatMap(({ interfaceIndex }, port) => (isOn(id, interfaceIndex) ? [port] : []));
          expect(portsOf(shares[place]?.rows)).toEqual(taken);
          expect(shares[place]?.packets ?? 0).toBe(sum(taken.map((port) => given[port])));
          expect(packetsOf(shares[place]?.rows)).toBe(sum(taken.map((port) => given[port])));
        });
        const logged = given.filter(({ interfaceIndex }) => ids.some((id) => isOn(id, interfaceIndex)));
        expect([loggedPackets, loggedPackets + unloggedPackets]).toEqual([sum(logged), sum(given)]);
      }),
    );
  });
});

function packetsOf(rows: FlowRows | undefined): number {
  let packets = 0;
  for (let i = 0; i < (rows?.count ?? 0); i++)
    packets += rows?.floats[i * rowFloat64s + float64.packets] ?? 0;
  return packets;
}
