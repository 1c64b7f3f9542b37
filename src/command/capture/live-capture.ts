import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import {
  assertCapturePrivilege,
  type Device,
  listDevices,
  PacketSocket,
  pollSockets,
} from '../../capture/index.ts';
import { memoryBounds } from '../../config/index.ts';
import { ConfigError } from '../../fault/index.ts';
import type { HostPoint } from '../../flow/index.ts';
import { FrameBatch } from '../../packet/index.ts';
import { AddressNetwork, defaultLocalPrefixes, deviceNetwork, type Network } from '../../vpc/index.ts';
import { matchDevice } from './device-match.ts';
import type { CaptureEngine } from './engine.ts';
import type { DeviceSource } from './options.ts';
import type { NetworkUpdate, ThreadControl, ThreadSetup } from './thread-protocol.ts';

const pollMs = 100;
const rescanMs = 1000;
/** After the end of a window on the wall: the kernel hands a block of frames over at most 20 ms after its first. */
const graceMs = 200;
/** By then the kernel has given out every block that had a frame when the stop came. */
const lastBlockMs = 30;
/** Blocks of one device that are read in one turn: a flood on it must not keep the others waiting for ever. */
const blocksPerTurn = 64;

interface OpenDevice {
  readonly device: Device;
  readonly socket: PacketSocket;
  /** Host vantage: the network interface that the device is; at wire vantage undefined. */
  point: HostPoint | undefined;
  droppedBefore: number;
}

/** Captures devices of this host until it is told to stop: opens, reads and closes them as they come and go. */
export class LiveCapture {
  readonly #engine: CaptureEngine;
  readonly #setup: ThreadSetup;
  readonly #control: ThreadControl;
  readonly #port: MessagePort;
  readonly #open = new Map<number, OpenDevice>();
  readonly #batch = new FrameBatch();
  /** Devices that could not be captured, with the reason that was told. */
  readonly #leftOut = new Map<string, string>();
  #network: Network | undefined;
  #madeUp: AddressNetwork | undefined;
  #generation = 0;
  #devicesTold = '';

  constructor(engine: CaptureEngine, setup: ThreadSetup, control: ThreadControl, port: MessagePort) {
    this.#engine = engine;
    this.#setup = setup;
    this.#control = control;
    this.#port = port;
    this.#network = setup.network;
    if (!setup.network && setup.devices.some(({ vantage }) => vantage === 'wire')) {
      this.#madeUp = new AddressNetwork(setup.localPrefixes ?? defaultLocalPrefixes, setup.identity);
    }
  }

  run(): void {
    assertCapturePrivilege();
    const { meter, verdicts } = this.#engine;
    this.#generation = this.#control.generation;
    verdicts.startCapture(Date.now());
    meter.closeBefore(meter.clock.windowOf(Date.now()));
    if (this.#network) this.#engine.load(this.#network);
    this.#rescan();
    if (this.#open.size === 0) throw this.#nothingToCapture();
    this.#tellAbsent();
    let nextScanMs = Date.now() + rescanMs;
    while (!this.#control.isStopped) {
      pollSockets(this.#sockets(), pollMs);
      this.#readAll();
      const now = Date.now();
      meter.closeBefore(meter.clock.windowOf(now - graceMs));
      if (now >= nextScanMs) {
        this.#takeUpdate();
        this.#rescan();
        this.#countDrops();
        nextScanMs = now + rescanMs;
      }
    }
    this.#finish();
  }

  /** What the kernel has gathered but not handed over when the stop comes is captured too. */
  #finish(): void {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, lastBlockMs);
    this.#readAll(Number.POSITIVE_INFINITY);
    this.#countDrops();
    for (const { socket } of this.#open.values()) socket.close();
    this.#engine.tellLosses();
  }

  #sockets(): PacketSocket[] {
    return [...this.#open.values()].map(({ socket }) => socket);
  }

  #readAll(blocks = blocksPerTurn): void {
    for (const open of this.#open.values()) this.#read(open, blocks);
  }

  #read(open: OpenDevice, blocks: number): void {
    const { meter } = this.#engine;
    const batch = this.#batch;
    for (let turn = 0; turn < blocks && open.socket.read(batch) > 0; turn++) {
      if (open.point) meter.observeHost(batch, 0, batch.count, open.point);
      else meter.observeWire(batch, 0, batch.count);
    }
  }

  #countDrops(): void {
    const { sums } = this.#engine;
    for (const open of this.#open.values()) this.#countDropsOf(open);
    sums.set('connections', this.#engine.verdicts.counters.connections);
    sums.set('evictedConnections', this.#engine.verdicts.counters.evicted);
  }

  #countDropsOf(open: OpenDevice): void {
    open.socket.updateTotals();
    const dropped = open.socket.totals.dropped - open.droppedBefore;
    if (dropped <= 0) return;
    open.droppedBefore += dropped;
    this.#engine.sums.add('kernelDropped', dropped);
    const affected = open.point ? [open.point.index] : this.#wireInterfaces();
    this.#engine.noteKernelDrops(affected, dropped, Date.now());
  }

  /** Interfaces that a mirror port may have shown: those of the described network. */
  #wireInterfaces(): number[] {
    const ids =
      this.#network?.networkInterfaces.map(({ NetworkInterfaceId }) => NetworkInterfaceId ?? '') ?? [];
    return ids.flatMap((id) => this.#engine.registry.indexOf(id) ?? []);
  }

  /** A network that the main thread has read anew. */
  #takeUpdate(): void {
    if (this.#control.generation === this.#generation) return;
    this.#generation = this.#control.generation;
    for (let got = receiveMessageOnPort(this.#port); got; got = receiveMessageOnPort(this.#port)) {
      this.#network = (got.message as NetworkUpdate).network;
    }
    if (!this.#network) return;
    this.#engine.load(this.#network);
    this.#leftOut.clear();
    for (const open of [...this.#open.values()]) {
      if (open.point) this.#rematch(open);
    }
  }

  #rematch(open: OpenDevice): void {
    const point = this.#pointOf(open.device);
    if (point) open.point = point;
    else this.#close(open, 'is no network interface of the network any more');
  }

  #rescan(): void {
    const devices = listDevices();
    for (const open of [...this.#open.values()]) {
      const now = devices.find(({ index }) => index === open.device.index);
      if (!now) this.#close(open, 'is gone');
      else if (now.notCaptured && !this.#wanted(now)) this.#close(open, `is ${now.notCaptured} now`);
      else if (JSON.stringify(now) !== JSON.stringify(open.device)) this.#changed(open, now);
    }
    const joining = devices
      .filter(({ index }) => !this.#open.has(index))
      .filter((device) => this.#isWanted(device));
    if (joining.length > 0) this.#join(joining);
    this.#tellDevices();
  }

  #wanted(device: Device): DeviceSource | undefined {
    return this.#setup.devices.find(({ name }) => name === device.name);
  }

  #isWanted(device: Device): boolean {
    return this.#setup.devices.length > 0
      ? this.#wanted(device) !== undefined
      : device.notCaptured === undefined;
  }

  /** Addresses, or sub-interfaces, of a captured device are not what they were. */
  #changed(open: OpenDevice, device: Device): void {
    this.#open.set(device.index, { ...open, device });
    if (!this.#setup.network) this.#loadMadeUp();
    const changed = this.#open.get(device.index) as OpenDevice;
    if (changed.point) changed.point = this.#pointOf(device);
  }

  #join(devices: readonly Device[]): void {
    if (!this.#setup.network) this.#loadMadeUp(devices);
    for (const device of devices) {
      const isWire = this.#wanted(device)?.vantage === 'wire';
      const point = isWire ? undefined : this.#pointOf(device);
      if (!isWire && !point) continue;
      this.#openDevice(device, point);
    }
  }

  #openDevice(device: Device, point: HostPoint | undefined): void {
    const devices = Math.max(1, this.#setup.devices.length, this.#open.size + 1);
    const ringBytes = Math.min(
      memoryBounds.ringBytesPerDevice,
      Math.floor(memoryBounds.ringBytesTotal / devices),
    );
    try {
      const socket = new PacketSocket({
        device: device.name,
        deviceIndex: device.index,
        ringBytes,
        promiscuous: point === undefined,
      });
      this.#open.set(device.index, { device, socket, point, droppedBefore: 0 });
      if (point) this.#engine.covered.add(point.index);
    } catch (error) {
      if (!(error instanceof ConfigError) || error.code === 'CapturePrivilege') throw error;
      this.#leaveOut(device.name, error.message);
    }
  }

  #close(open: OpenDevice, why: string): void {
    this.#countDropsOf(open);
    open.socket.close();
    this.#open.delete(open.device.index);
    if (open.point) this.#engine.covered.delete(open.point.index);
    this.#engine.notice(`${open.device.name} ${why}: no longer captured`);
  }

  /** The made-up network of all devices that are captured, and of those that join. */
  #loadMadeUp(joining: readonly Device[] = []): void {
    const devices = [...[...this.#open.values()].map(({ device }) => device), ...joining];
    const hosts = devices.filter((device) => this.#wanted(device)?.vantage !== 'wire');
    const made = deviceNetwork(hosts, this.#setup.identity);
    this.#network = this.#madeUp ? joinNetworks(made, this.#madeUp.network) : made;
    this.#engine.load(this.#network, this.#madeUp);
  }

  #pointOf(device: Device): HostPoint | undefined {
    const network = this.#network as Network;
    const match = matchDevice(device, this.#wanted(device)?.interfaceId, network, this.#setup.identity);
    if (typeof match === 'string') {
      this.#leaveOut(device.name, match);
      return undefined;
    }
    const index = this.#engine.registry.indexOf(match.NetworkInterfaceId ?? '');
    return index === undefined ? undefined : { index, vlanIds: new Set(device.vlanIds) };
  }

  #leaveOut(name: string, why: string): void {
    if (this.#leftOut.get(name) === why) return;
    this.#leftOut.set(name, why);
    this.#engine.notice(`${name} is not captured: ${why}`);
  }

  #tellDevices(): void {
    const captured = [...this.#open.values()].map(
      ({ device, point }) =>
        `${device.name} ${point ? this.#engine.registry.get(point.index).NetworkInterfaceId : 'wire'}`,
    );
    const told = captured.join('\n');
    if (told === this.#devicesTold) return;
    this.#devicesTold = told;
    this.#engine.post({ kind: 'devices', captured });
  }

  /** Devices that were asked for and are not there. */
  #tellAbsent(): void {
    const present = new Set(listDevices().map(({ name }) => name));
    for (const { name } of this.#setup.devices) {
      if (!present.has(name)) this.#engine.notice(`${name} is not there: it will be captured when it comes`);
    }
  }

  #nothingToCapture(): ConfigError {
    const named = this.#setup.devices.map(({ name }) => name).join(', ');
    const details = listDevices().map(
      ({ name, notCaptured }) => `${name}: ${this.#leftOut.get(name) ?? notCaptured ?? 'not asked for'}`,
    );
    return new ConfigError(
      'NothingToCapture',
      named ? `no device ${named} to capture here` : 'no device of this host can be captured',
      [...details, 'pass interface:NAME for one of these, or a capture file'],
    );
  }
}

function joinNetworks(a: Network, b: Network): Network {
  return {
    origin: a.origin,
    vpcs: [...a.vpcs, ...b.vpcs],
    subnets: [...a.subnets, ...b.subnets],
    networkInterfaces: [...a.networkInterfaces, ...b.networkInterfaces],
    securityGroups: [...a.securityGroups, ...b.securityGroups],
    networkAcls: [...a.networkAcls, ...b.networkAcls],
    routeTables: [...a.routeTables, ...b.routeTables],
    securityGroupRules: [...a.securityGroupRules, ...b.securityGroupRules],
    instances: [...a.instances, ...b.instances],
    prefixLists: new Map([...a.prefixLists, ...b.prefixLists]),
  };
}
