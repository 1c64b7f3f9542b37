import { type Device, listDevices, PacketSocket } from '../../capture/index.ts';
import { memoryBounds } from '../../config/index.ts';
import { ConfigError } from '../../fault/index.ts';
import type { HostPoint } from '../../flow/index.ts';
import type { CaptureEngine } from './engine.ts';
import { isOfHost } from './host-device.ts';
import type { LiveNetwork } from './live-network.ts';
import type { DeviceSource } from './options.ts';
import type { ThreadSetup } from './thread-protocol.ts';

export interface OpenDevice {
  readonly socket: PacketSocket;
  device: Device;
  /** At host vantage, the network interface that the device is; undefined at wire vantage. */
  point: HostPoint | undefined;
  droppedBefore: number;
}

/** The devices that are captured: opened and closed as they come and go, and as they become or cease to be ours. */
export class LiveDevices {
  readonly #engine: CaptureEngine;
  readonly #network: LiveNetwork;
  readonly #sources: readonly DeviceSource[];
  /** By the kernel's number. */
  readonly #open = new Map<number, OpenDevice>();
  /** Devices that are left out, with the reason. */
  readonly #leftOut = new Map<string, string>();
  /** Those of which that was told. */
  readonly #toldLeftOut = new Set<string>();
  readonly #tellsDevices: boolean;
  #told = '';
  #toldDevices = '';
  #isFirstScan = true;
  /** As they were listed last. */
  #devices: readonly Device[] = [];
  #whyNotListed = '';

  /** Without sources every device of this host is captured that has a reason to be. */
  constructor(
    engine: CaptureEngine,
    network: LiveNetwork,
    { devices, tellsDevices = false }: Pick<ThreadSetup, 'devices' | 'tellsDevices'>,
  ) {
    this.#engine = engine;
    this.#network = network;
    this.#sources = devices;
    this.#tellsDevices = tellsDevices;
  }

  get open(): Iterable<OpenDevice> {
    return this.#open.values();
  }

  get sockets(): PacketSocket[] {
    return Array.from(this.#open.values(), ({ socket }) => socket);
  }

  /** Looks at the devices of this host: new ones join, others are followed or leave. */
  rescan(): void {
    const devices = this.#list();
    const wanted = devices.filter((device) => this.#isWanted(device));
    this.#network.follow(wanted.filter((device) => !this.#isWire(device)));
    if (this.#tellsDevices) this.#tellDevices(devices.filter((device) => isOfHost(device, this.#sources)));
    for (const open of [...this.#open.values()]) {
      const now = wanted.find(({ index }) => index === open.device.index);
      if (now) this.#follow(open, now);
      else this.#close(open, this.#whyGone(open, devices));
    }
    for (const device of wanted) if (!this.#open.has(device.index)) this.#join(device);
    if (this.#isFirstScan) this.#tellAbsent(devices);
    this.#isFirstScan = false;
    this.#tellOpen();
  }

  /** The network is another: devices may be other interfaces now, or none. */
  rematch(): void {
    // A service's network changes often: what is left out for the same reason is not told again.
    if (!this.#tellsDevices) {
      this.#leftOut.clear();
      this.#toldLeftOut.clear();
    }
    this.rescan();
  }

  closeAll(): void {
    for (const { socket } of this.#open.values()) socket.close();
  }

  /** Reads the kernel's counters: packets that it dropped since the last time are booked to the window of `timeMs`. */
  countDrops(timeMs: number): void {
    for (const open of this.#open.values()) this.#countDropsOf(open, timeMs);
  }

  /** Says for each device why it is not captured. */
  nothingToCapture(): ConfigError {
    const named = this.#sources.map(({ name }) => name).join(', ');
    const details = listDevices().map(
      ({ name, notCaptured }) => `${name}: ${this.#leftOut.get(name) ?? notCaptured ?? 'not asked for'}`,
    );
    return new ConfigError(
      'NothingToCapture',
      named ? `no device ${named} to capture here` : 'no device of this host can be captured',
      [...details, 'pass interface:NAME for one of these, or a capture file'],
    );
  }

  /** A process that is out of descriptors cannot ask: what was there the last time is taken to be there still. */
  #list(): readonly Device[] {
    try {
      this.#devices = listDevices();
      this.#whyNotListed = '';
    } catch (error) {
      if (!(error instanceof ConfigError) || this.#isFirstScan) throw error;
      if (this.#whyNotListed !== error.message) this.#engine.notice(error.message);
      this.#whyNotListed = error.message;
    }
    return this.#devices;
  }

  #sourceOf(device: Device): DeviceSource | undefined {
    return this.#sources.find(({ name }) => name === device.name);
  }

  #isWire(device: Device): boolean {
    return this.#sourceOf(device)?.vantage === 'wire';
  }

  #isWanted(device: Device): boolean {
    if (this.#sources.length === 0) return device.notCaptured === undefined;
    return this.#sourceOf(device) !== undefined;
  }

  #whyGone({ device }: OpenDevice, devices: readonly Device[]): string {
    const now = devices.find(({ index }) => index === device.index);
    return now ? (now.notCaptured ?? 'no longer asked for') : 'gone';
  }

  #follow(open: OpenDevice, device: Device): void {
    open.device = device;
    if (this.#isWire(device)) return;
    const point = this.#network.pointOf(device, this.#sourceOf(device)?.interfaceId);
    if (typeof point === 'string') {
      this.#close(open, point);
      return;
    }
    if (point.index !== open.point?.index) this.#engine.covered.delete(open.point?.index ?? -1);
    this.#engine.covered.add(point.index);
    open.point = point;
  }

  #join(device: Device): void {
    const point = this.#isWire(device)
      ? undefined
      : this.#network.pointOf(device, this.#sourceOf(device)?.interfaceId);
    if (typeof point === 'string') {
      this.#leaveOut(device.name, point);
      return;
    }
    try {
      const socket = new PacketSocket({
        device: device.name,
        deviceIndex: device.index,
        ringBytes: this.#ringBytes(),
        promiscuous: point === undefined,
      });
      this.#open.set(device.index, { device, socket, point, droppedBefore: 0 });
    } catch (error) {
      if (!(error instanceof ConfigError) || error.code === 'CapturePrivilege') throw error;
      this.#leaveOut(device.name, error.message);
      return;
    }
    this.#leftOut.delete(device.name);
    this.#toldLeftOut.delete(device.name);
    if (point) this.#engine.covered.add(point.index);
    // What is under way on a device that joins has not been seen to begin.
    if (!this.#isFirstScan) this.#engine.verdicts.noteLoss(Date.now());
  }

  #ringBytes(): number {
    const devices = Math.max(1, this.#sources.length, this.#open.size + 1);
    return Math.min(memoryBounds.ringBytesPerDevice, Math.floor(memoryBounds.ringBytesTotal / devices));
  }

  #close(open: OpenDevice, why: string): void {
    const { device, point } = open;
    this.#countDropsOf(open, Date.now());
    open.socket.close();
    this.#open.delete(device.index);
    if (point) this.#engine.covered.delete(point.index);
    this.#leftOut.set(device.name, why);
    this.#toldLeftOut.add(device.name);
    this.#engine.notice(`${device.name} is no longer captured: ${why}`);
  }

  #countDropsOf(open: OpenDevice, timeMs: number): void {
    open.socket.updateTotals();
    const dropped = open.socket.totals.dropped - open.droppedBefore;
    if (dropped <= 0) return;
    open.droppedBefore += dropped;
    this.#engine.sums.add('kernelDropped', dropped);
    const affected = open.point ? [open.point.index] : this.#network.describedInterfaces();
    this.#engine.noteKernelDrops(affected, dropped, timeMs);
  }

  #leaveOut(name: string, why: string): void {
    const isSame = this.#leftOut.get(name) === why;
    this.#leftOut.set(name, why);
    if (!isSame) this.#toldLeftOut.delete(name);
    // The network of a service has yet to follow a device that is new.
    if (this.#toldLeftOut.has(name) || (this.#tellsDevices && !isSame)) return;
    this.#toldLeftOut.add(name);
    this.#engine.notice(`${name} is not captured: ${why}`);
  }

  #tellAbsent(devices: readonly Device[]): void {
    for (const { name } of this.#sources) {
      if (devices.some((device) => device.name === name)) continue;
      this.#engine.notice(`${name} is not there: it will be captured when it comes`);
    }
  }

  #tellDevices(host: readonly Device[]): void {
    const devices = host.map(({ name, macAddress, permanentMac, addresses }) => ({
      name,
      macAddress,
      permanentMac,
      addresses,
    }));
    const told = JSON.stringify(devices);
    if (told === this.#toldDevices) return;
    this.#toldDevices = told;
    this.#engine.post({ kind: 'hostDevices', devices });
  }

  #tellOpen(): void {
    const captured = Array.from(this.#open.values(), ({ device, point }) => {
      const id = point && this.#engine.registry.get(point.index).NetworkInterfaceId;
      return `${device.name} ${id ?? 'wire'}`;
    });
    const told = captured.join('\n');
    if (told === this.#told) return;
    this.#told = told;
    this.#engine.post({ kind: 'devices', captured });
  }
}
