import type { ServerLimits } from './server-options.ts';

type Limits = Pick<
  ServerLimits,
  'heldBytes' | 'heldBytesOfAddress' | 'requests' | 'requestsOfAddress' | 'requestsOfKey'
>;

interface Use {
  requests: number;
  bytes: number;
}

/** A body that takes so long may have to make room for another request. */
const patienceMs = 1000;

/** A request's part of what there is. To be released once. */
export class Lease {
  readonly #shares: ClientShares;
  readonly #address: string;
  #accessKeyId: string | undefined;
  #reading: { readonly sinceMs: number; readonly giveUp: () => void } | undefined;
  #bytes = 0;
  #isOver = false;

  constructor(shares: ClientShares, address: string) {
    this.#shares = shares;
    this.#address = address;
  }

  get address(): string {
    return this.#address;
  }

  get heldBytes(): number {
    return this.#bytes;
  }

  /** A body begins to come in: until it is there, nobody knows who has sent the request, and it can be given up. */
  beginReading(giveUp: () => void): void {
    this.#reading = { sinceMs: performance.now(), giveUp };
    this.#shares.read(this, true);
  }

  endReading(): void {
    this.#reading = undefined;
    this.#shares.read(this, false);
  }

  /** Gives up a request whose body keeps others waiting; false when it does not. */
  tryGiveUp(): boolean {
    const reading = this.#reading;
    if (!reading || performance.now() - reading.sinceMs < patienceMs) return false;
    this.release();
    reading.giveUp();
    return true;
  }

  /** Counts bytes in memory as this client's; false when they are too many, and are not counted. */
  tryHold(bytes: number): boolean {
    if (this.#isOver || !this.#shares.makeRoom(this, bytes)) return false;
    this.hold(bytes);
    return true;
  }

  /** For what is there already: an answer that cannot be taken back. */
  hold(bytes: number): void {
    if (this.#isOver) return;
    this.#bytes += bytes;
    this.#shares.count(this.#address, 0, bytes);
  }

  /** Known only when the signature has been found good: otherwise anybody could use up somebody's share. */
  tryAccessKey(accessKeyId: string): boolean {
    if (!this.#shares.tryKey(accessKeyId)) return false;
    this.#accessKeyId = accessKeyId;
    return true;
  }

  release(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.endReading();
    this.#shares.count(this.#address, -1, -this.#bytes);
    if (this.#accessKeyId !== undefined) this.#shares.releaseKey(this.#accessKeyId);
  }
}

/** What clients may take at a time, so that none of them takes it all. */
export class ClientShares {
  readonly #limits: Limits;
  readonly #addresses = new Map<string, Use>();
  readonly #keys = new Map<string, number>();
  readonly #total: Use = { requests: 0, bytes: 0 };
  /** Of the bytes, those that are within each address's share: what one holds beyond it is not taken from others. */
  #shared = 0;
  /** Requests whose bodies are still coming in, the longest first. */
  readonly #reading = new Set<Lease>();

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /**
   * Undefined when the client, or all together, have too many requests under way. Bodies that come in slowly, which
   * cost their sender nothing, keep nobody out.
   */
  enter(address: string): Lease | undefined {
    const { requests, requestsOfAddress } = this.#limits;
    const own = this.#addresses.get(address)?.requests ?? 0;
    if (own >= requestsOfAddress && !this.#giveUpSlowest(address)) return undefined;
    if (this.#total.requests >= requests && !this.#giveUpSlowest()) return undefined;
    this.count(address, 1, 0);
    return new Lease(this, address);
  }

  read(lease: Lease, isReading: boolean): void {
    if (isReading) this.#reading.add(lease);
    else this.#reading.delete(lease);
  }

  /** Whether a request may have so many bytes more, perhaps after others' bodies have been given up. */
  makeRoom(lease: Lease, bytes: number): boolean {
    const { address } = lease;
    const { heldBytes, heldBytesOfAddress } = this.#limits;
    if (lease.heldBytes + bytes > Math.min(heldBytes, heldBytesOfAddress)) return false;
    const own = () => this.#addresses.get(address)?.bytes ?? 0;
    while (own() + bytes > heldBytesOfAddress) if (!this.#giveUpSlowest(address, lease)) return false;
    while (this.#shared + bytes > heldBytes) if (!this.#giveUpSlowest(undefined, lease)) return false;
    return true;
  }

  #giveUpSlowest(address?: string, except?: Lease): boolean {
    for (const lease of this.#reading) {
      if (lease === except) continue;
      if (address === undefined || lease.address === address) return lease.tryGiveUp();
    }
    return false;
  }

  count(address: string, requests: number, bytes: number): void {
    this.#total.requests += requests;
    this.#total.bytes += bytes;
    const own = this.#addresses.get(address) ?? { requests: 0, bytes: 0 };
    const before = this.#withinShare(own.bytes);
    own.requests += requests;
    own.bytes += bytes;
    this.#shared += this.#withinShare(own.bytes) - before;
    if (own.requests === 0) this.#addresses.delete(address);
    else this.#addresses.set(address, own);
  }

  #withinShare(bytes: number): number {
    return Math.min(bytes, this.#limits.heldBytesOfAddress);
  }

  tryKey(accessKeyId: string): boolean {
    const own = this.#keys.get(accessKeyId) ?? 0;
    if (own >= this.#limits.requestsOfKey) return false;
    this.#keys.set(accessKeyId, own + 1);
    return true;
  }

  releaseKey(accessKeyId: string): void {
    const left = (this.#keys.get(accessKeyId) ?? 1) - 1;
    if (left === 0) this.#keys.delete(accessKeyId);
    else this.#keys.set(accessKeyId, left);
  }

  get heldBytes(): number {
    return this.#total.bytes;
  }

  get requests(): number {
    return this.#total.requests;
  }
}
