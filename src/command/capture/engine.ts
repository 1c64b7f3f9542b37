import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import type { NetworkInterface } from '@aws-sdk/client-ec2';
import { memoryBounds } from '../../config/index.ts';
import { ConfigError } from '../../fault/index.ts';
import {
  type CapturedWindow,
  CaptureSums,
  type FlowRows,
  type FlowSink,
  LossLedger,
  Meter,
  Owners,
  sourceBit,
  Unlogged,
} from '../../flow/index.ts';
import { VerdictEngine } from '../../policy/index.ts';
import {
  type AddressNetwork,
  InterfaceRegistry,
  type Network,
  type VpcAddresses,
  type VpcAddressesOptions,
} from '../../vpc/index.ts';
import { capturedAddresses } from './captured-addresses.ts';
import type { NetworkUpdate, ThreadControl, ThreadMessage, ThreadSetup } from './thread-protocol.ts';

/** When the main thread is behind: files wait for it, a live capture counts what it must leave out. */
export type WhenBehind = 'wait' | 'skip';

/**
 * What the capture thread knows and does, whatever the source: the network, verdicts and meter, and the messages to
 * the main thread. Sources feed `meter`.
 */
export class CaptureEngine implements FlowSink {
  readonly meter: Meter;
  readonly verdicts: VerdictEngine;
  readonly registry = new InterfaceRegistry();
  readonly sums: CaptureSums;
  /** Interfaces of this host that are captured at present. */
  readonly covered = new Set<number>();

  readonly #port: MessagePort;
  readonly #control: ThreadControl;
  readonly #whenBehind: WhenBehind;
  readonly #losses = new LossLedger();
  readonly #addresses: VpcAddressesOptions;
  readonly #tellsReload: boolean;
  #isDescribed = false;
  /** By source: described interfaces that have had a flow there and are no captured device. */
  readonly #seen: (Set<number> | undefined)[] = [];
  /** Whether the last network that was sent could be used. */
  #judgesByLast = true;
  /** A network that was sent before this thread had its setup is taken, too. */
  #generation = 0;
  #toldInterfaces = 0;
  #toldCauses = 0;

  constructor(setup: ThreadSetup, control: ThreadControl, port: MessagePort, whenBehind: WhenBehind) {
    this.#port = port;
    this.#control = control;
    this.#whenBehind = whenBehind;
    this.#addresses = addressesOptions(setup);
    this.#tellsReload = !setup.tellsDevices;
    this.sums = new CaptureSums(setup.sums);
    this.verdicts = new VerdictEngine({ maxConnections: memoryBounds.maxConnections });
    this.meter = new Meter({
      maxFlows: setup.maxFlows,
      windowSeconds: setup.windowSeconds,
      windowsEndByWallClock: whenBehind === 'skip',
      includesExcluded: setup.includesExcluded,
      verdicts: this.verdicts,
      sums: this.sums,
      sink: this,
    });
  }

  /**
   * Judges by this network from now on, and tells the main thread. `madeUp`: interfaces of it are made on demand from
   * addresses on the wire.
   */
  load(network: Network, madeUp?: AddressNetwork): void {
    // Both throw, and then the former rules stay.
    const addresses = capturedAddresses(network, this.registry, this.#addresses);
    this.verdicts.load(network, this.registry, addresses);
    this.#tellInterfaces();
    this.post({ kind: 'network', network });
    this.#isDescribed = network.origin === 'described';
    this.#forgetGone(network);
    this.meter.describe(
      new Unlogged(network, this.registry, addresses),
      new Owners({
        addresses: addresses.captured,
        macs: addresses.macs,
        ...(madeUp ? { madeUp: { network: madeUp, register: (made) => this.#join(made, addresses) } } : {}),
      }),
    );
    this.#tellInterfaces();
  }

  /** Interfaces that are no more have no data, and nothing is to be said of it. */
  #forgetGone({ networkInterfaces }: Network): void {
    const ids = new Set(networkInterfaces.map(({ NetworkInterfaceId }) => NetworkInterfaceId));
    for (const seen of this.#seen) {
      for (const index of seen ?? []) {
        if (!ids.has(this.registry.get(index).NetworkInterfaceId)) seen?.delete(index);
      }
    }
  }

  /** As `load`, for a running capture: what cannot be used is told, and false is the answer. */
  replace(network: Network): boolean {
    try {
      this.load(network);
      if (this.#tellsReload) this.notice('the rules have been read again');
      return true;
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      this.notice([error.message, ...error.details, 'the rules stay as they were'].join('\n'));
      return false;
    }
  }

  /**
   * Hands a network that the main thread has sent since the last call to `replace`, and confirms it if it could be used.
   * The generation is read first: what comes after is a later one's.
   */
  takeUpdate(replace: (network: Network) => boolean): void {
    const { generation } = this.#control;
    if (generation === this.#generation) return;
    this.#generation = generation;
    let network: Network | undefined;
    for (let got = receiveMessageOnPort(this.#port); got; got = receiveMessageOnPort(this.#port)) {
      network = (got.message as NetworkUpdate).network;
    }
    if (network) this.#judgesByLast = replace(network);
    if (this.#judgesByLast) this.#control.confirm(generation);
  }

  #join(networkInterface: NetworkInterface, addresses: VpcAddresses): number {
    const index = this.registry.put(networkInterface);
    addresses.join(index);
    this.verdicts.join(index);
    return index;
  }

  post(message: ThreadMessage, transfer: readonly ArrayBuffer[] = []): void {
    this.#port.postMessage(message, [...transfer]);
  }

  notice(line: string): void {
    this.post({ kind: 'notice', line });
  }

  flows(rows: FlowRows): void {
    const buffer = rows.words.buffer as ArrayBuffer;
    if (this.#whenBehind === 'wait') this.#control.waitForRoom(memoryBounds.handOverBytes);
    else if (this.#control.handedOverBytes > memoryBounds.handOverBytes) {
      this.#skip(rows);
      return;
    }
    this.#tellInterfaces();
    this.#control.handOver(buffer.byteLength);
    const causes = this.verdicts.causes.slice(this.#toldCauses);
    this.#toldCauses += causes.length;
    this.post({ kind: 'flows', buffer, count: rows.count, causes }, [buffer]);
  }

  opened(index: number, source: number): void {
    if (!this.#isDescribed || this.covered.has(index)) return;
    this.#seen[source] ??= new Set();
    this.#seen[source].add(index);
  }

  windowsOver(windows: readonly CapturedWindow[], before: number): void {
    this.tellLosses();
    const told = windows.map(({ window, sources }) => ({ window, covered: this.#coveredBy(sources) }));
    this.post({ kind: 'windowsOver', windows: told, before });
  }

  /** Devices of this host, and on the wire the described interfaces of which these sources have shown a flow. */
  #coveredBy(sources: number): number[] {
    const covered = new Set(this.covered);
    for (const [source, seen] of this.#seen.entries()) {
      if ((sources & sourceBit(source)) !== 0) for (const index of seen ?? []) covered.add(index);
    }
    return [...covered];
  }

  /** The end of the capture: everything goes out. */
  close(): void {
    this.meter.closeAll();
    this.tellLosses();
    this.tellConnections();
  }

  tellConnections(): void {
    this.sums.set('connections', this.verdicts.counters.connections);
    this.sums.set('evictedConnections', this.verdicts.counters.evicted);
  }

  /** Packets that the kernel had no room for, on the device of this interface. */
  noteKernelDrops(interfaceIndexes: readonly number[], packets: number, timeMs: number): void {
    const window = this.meter.clock.windowOf(timeMs);
    for (const interfaceIndex of interfaceIndexes) {
      this.#losses.note({ interfaceIndex, window, reason: 'kernel-dropped', flows: 0, packets });
    }
    this.verdicts.noteLoss(timeMs);
  }

  tellLosses(): void {
    const losses = this.#losses.take();
    this.#tellInterfaces();
    if (losses.length > 0) this.post({ kind: 'losses', losses });
  }

  #skip(rows: FlowRows): void {
    this.sums.add('skippedFlows', rows.count);
    this.sums.add('skippedPackets', this.#losses.noteRows(rows));
  }

  #tellInterfaces(): void {
    const { size } = this.registry;
    if (size === this.#toldInterfaces) return;
    const interfaces: NetworkInterface[] = [];
    for (let index = this.#toldInterfaces; index < size; index++) interfaces.push(this.registry.get(index));
    this.#toldInterfaces = size;
    this.post({ kind: 'interfaces', interfaces });
  }
}

/** A service takes whatever network it is told to have made; a capture asks its user which VPC it was. */
function addressesOptions({ vpcId, tellsDevices = false }: ThreadSetup): VpcAddressesOptions {
  return { vpcId, sharedAddresses: tellsDevices ? 'first' : 'refuse' };
}
