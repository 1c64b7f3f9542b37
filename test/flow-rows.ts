import {
  type FlowRows,
  float64,
  flowRows,
  packKind,
  packOutcome,
  rowBytes,
  rowFloat64s,
  rowWords,
  word,
} from '../src/flow/flow-row.ts';
import { parseAddress } from '../src/ip/index.ts';
import { type Direction, direction, type Initiator, initiator } from '../src/policy/answer.ts';

/** A flow in words. */
export interface TestFlow {
  readonly interfaceIndex: number;
  readonly direction: Direction;
  readonly src: string;
  readonly dst: string;
  readonly srcPort: number;
  readonly dstPort: number;
  readonly protocol: number;
  readonly icmpType: number;
  readonly accepted: boolean;
  readonly initiator: Initiator;
  readonly tcpFlags: number;
  readonly cause: number;
  readonly window: number;
  readonly packets: number;
  readonly bytes: number;
  readonly firstMs: number;
  readonly lastMs: number;
}

export const plainFlow: TestFlow = {
  interfaceIndex: 0,
  direction: direction.ingress,
  src: '172.31.16.139',
  dst: '172.31.16.21',
  srcPort: 20641,
  dstPort: 22,
  protocol: 6,
  icmpType: 0,
  accepted: true,
  initiator: initiator.peer,
  tcpFlags: 0,
  cause: 0,
  window: 0,
  packets: 20,
  bytes: 4249,
  firstMs: 1418530010_250,
  lastMs: 1418530070_999,
};

/** Rows as the flow table hands them over; what a flow does not say is as in `plainFlow`. */
export function testRows(flows: readonly Partial<TestFlow>[]): FlowRows {
  const rows = flowRows(new ArrayBuffer(flows.length * rowBytes), flows.length);
  flows.forEach((flow, i) => {
    writeRow(rows, i, { ...plainFlow, ...flow });
  });
  return rows;
}

function writeRow({ words, floats }: FlowRows, row: number, flow: TestFlow): void {
  const base = row * rowWords;
  const src = addressOf(flow.src);
  words.set(src.words, base + word.src);
  words.set(addressOf(flow.dst).words, base + word.dst);
  words[base + word.ports] = (flow.srcPort << 16) | flow.dstPort;
  words[base + word.interface] = flow.interfaceIndex;
  words[base + word.kind] = packKind(flow.protocol, src.family, flow.direction, flow.icmpType, 0);
  words[base + word.window] = flow.window;
  words[base + word.connection] = -1;
  words[base + word.cause] = flow.cause;
  words[base + word.outcome] = packOutcome(flow.accepted, flow.initiator) | flow.tcpFlags;
  const float = row * rowFloat64s;
  floats[float + float64.packets] = flow.packets;
  floats[float + float64.bytes] = flow.bytes;
  floats[float + float64.firstMs] = flow.firstMs;
  floats[float + float64.lastMs] = flow.lastMs;
}

function addressOf(text: string) {
  const address = parseAddress(text);
  if (!address) throw new Error(`${text} is no address`);
  return address;
}
