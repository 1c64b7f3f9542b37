/**
 * Hot: `find` and `confirm` are called per packet or nearly so, `create` per connection. Nothing allocates but eviction
 * (a small sort, once per sixteenth of the table). Budget: `confirm` one cache line, `find` those and one bucket.
 *
 * Entries stay where they are, because flows remember their numbers; so the buckets hold chains of entry numbers, and
 * removal leaves no trace that would slow later searches. Pages that no entry has used cost no memory.
 */
import { invariant } from '../fault/index.ts';
import type { Direction, Initiator } from './answer.ts';
import {
  type ConnectionState,
  connectionState,
  longestTimeoutSeconds,
  steadyDirections,
} from './connection-state.ts';
import { ConversationHash } from './conversation-hash.ts';
import type { ConversationKey } from './conversation-key.ts';
import { MedianClock } from './median-clock.ts';

export interface ConnectionCounters {
  /** Entries in the table: connections, those just closed, and marks of refusals. */
  connections: number;
  /** Entries made, ever: those in the table, expired and evicted. */
  created: number;
  /** Removed after their timeout, or after their close when the table was full. */
  expired: number;
  /** Removed before their time, because the table was full. */
  evicted: number;
}

/** Word numbers in an entry. `next` is the chain: entry number + 1, 0 ends it; free entries are chained by it, too. */
const entryWord = {
  hash: 0,
  next: 1,
  interface: 2,
  kind: 3,
  ports: 4,
  local: 5,
  peer: 9,
} as const;
const wordShift = 4;
/**
 * What changes in the life of an entry lies apart, 32 bytes on one cache line: all that `confirm` reads and writes.
 * Word numbers, and Float64 numbers in the same bytes.
 */
const lifeWord = { serial: 0, state: 1, cause: 2 } as const;
const lifeShift = 3;
const lifeTime = { expiry: 2, timeout: 3 } as const;
const lifeTimeShift = 2;

/** The state word: bits 0-3 state, 4 untracked, 5-6 initiator, 7-8 steady directions, 9 direction of a refusal. */
const stateBits = { state: 15, untracked: 16, initiatorShift: 5, steadyShift: 7, refusedShift: 9 } as const;

const maxCapacity = 2 ** 26;
/** Late packets may still find an entry that the sweep would take; it leaves them this. */
const sweepSlackMs = 60_000;
const sweepSteps = 2;
const sampleSize = 4096;
const evictionShare = 16;

export class ConnectionTable {
  readonly counters: ConnectionCounters = { connections: 0, created: 0, expired: 0, evicted: 0 };
  readonly #capacity: number;
  readonly #words: Int32Array;
  readonly #life: Int32Array;
  readonly #times: Float64Array;
  readonly #buckets: Int32Array;
  readonly #bucketMask: number;
  readonly #hash = new ConversationHash();
  /** Told the time of each creation. */
  readonly #clock = new MedianClock();
  readonly #sample = new Float64Array(sampleSize);
  #serial = 0;
  /** Entries from here on were never used. */
  #unused = 0;
  /** Entry number + 1 of the first free one below `#unused`, or 0. */
  #free = 0;
  #sweepAt = 0;

  constructor(capacity: number) {
    invariant(
      Number.isInteger(capacity) && capacity >= 1 && capacity <= maxCapacity,
      'a table of 1 to 2^26 connections',
    );
    this.#capacity = capacity;
    this.#words = new Int32Array(capacity << wordShift);
    const life = new ArrayBuffer((capacity << lifeShift) * 4);
    this.#life = new Int32Array(life);
    this.#times = new Float64Array(life);
    this.#buckets = new Int32Array(2 ** Math.ceil(Math.log2(capacity)));
    this.#bucketMask = this.#buckets.length - 1;
  }

  /** The entry of the conversation, expired or not, or -1. */
  find(key: ConversationKey): number {
    const words = this.#words;
    const hash = this.#hash.of(key);
    let link = this.#buckets[hash & this.#bucketMask];
    while (link !== 0) {
      const row = (link - 1) << wordShift;
      if (words[row] === hash && this.#isOf(row, key)) return link - 1;
      link = words[row + entryWord.next];
    }
    return -1;
  }

  /** Whether the entry's idle timeout had not passed at that time. */
  isLive(entry: number, timeMs: number): boolean {
    return timeMs <= this.#times[(entry << lifeTimeShift) + lifeTime.expiry];
  }

  /** A further packet that changes nothing but the time: see `VerdictEngine.confirm`. */
  confirm(entry: number, serial: number, way: Direction, timeMs: number): boolean {
    const life = this.#life;
    const times = this.#times;
    const row = entry << lifeShift;
    const time = entry << lifeTimeShift;
    if (life[row + lifeWord.serial] !== serial || !(timeMs <= times[time + lifeTime.expiry])) return false;
    if ((life[row + lifeWord.state] & (1 << (stateBits.steadyShift + way))) === 0) return false;
    times[time + lifeTime.expiry] = timeMs + times[time + lifeTime.timeout];
    return true;
  }

  /** A new entry for a conversation that has none. May remove others. Its content is set by `begin`. */
  create(key: ConversationKey, timeMs: number): number {
    this.#clock.tell(timeMs);
    const nowMs = this.#clock.nowMs();
    this.#sweepSome(nowMs);
    if (this.#free === 0 && this.#unused === this.#capacity) this.#makeRoom(nowMs);
    const entry = this.#take();
    this.#link(entry, key);
    this.counters.connections++;
    this.counters.created++;
    return entry;
  }

  /** Gives the entry new content, as a connection of its own: flows that remember the former one will notice. */
  begin(
    entry: number,
    state: ConnectionState,
    who: Initiator,
    cause: number,
    untracked: boolean,
    refusedDirection: Direction,
  ): void {
    const row = entry << lifeShift;
    this.#serial = (this.#serial + 1) | 0 || 1;
    this.#life[row + lifeWord.serial] = this.#serial;
    this.#life[row + lifeWord.cause] = cause;
    this.#life[row + lifeWord.state] =
      (untracked ? stateBits.untracked : 0) |
      (who << stateBits.initiatorShift) |
      (refusedDirection << stateBits.refusedShift);
    this.setState(entry, state);
  }

  /** Follow with `touch`: the new state has its own timeout. */
  setState(entry: number, state: ConnectionState): void {
    const place = (entry << lifeShift) + lifeWord.state;
    const kept = this.#life[place] & ~(stateBits.state | (3 << stateBits.steadyShift));
    this.#life[place] =
      kept | state | (steadyDirections(state, this.initiator(entry)) << stateBits.steadyShift);
  }

  touch(entry: number, timeMs: number, timeoutMs: number): void {
    this.#times[(entry << lifeTimeShift) + lifeTime.expiry] = timeMs + timeoutMs;
    this.#times[(entry << lifeTimeShift) + lifeTime.timeout] = timeoutMs;
  }

  serial(entry: number): number {
    return this.#life[(entry << lifeShift) + lifeWord.serial];
  }

  cause(entry: number): number {
    return this.#life[(entry << lifeShift) + lifeWord.cause];
  }

  state(entry: number): ConnectionState {
    return (this.#life[(entry << lifeShift) + lifeWord.state] & stateBits.state) as ConnectionState;
  }

  isUntracked(entry: number): boolean {
    return (this.#life[(entry << lifeShift) + lifeWord.state] & stateBits.untracked) !== 0;
  }

  initiator(entry: number): Initiator {
    return ((this.#life[(entry << lifeShift) + lifeWord.state] >> stateBits.initiatorShift) & 3) as Initiator;
  }

  /** Of a mark: the direction of the packet that was refused. */
  refusedDirection(entry: number): Direction {
    return ((this.#life[(entry << lifeShift) + lifeWord.state] >> stateBits.refusedShift) & 1) as Direction;
  }

  #isOf(row: number, key: ConversationKey): boolean {
    const words = this.#words;
    return (
      words[row + entryWord.ports] === key.ports &&
      words[row + entryWord.peer + 3] === key.peer3 &&
      words[row + entryWord.local + 3] === key.local3 &&
      words[row + entryWord.kind] === key.kind &&
      words[row + entryWord.interface] === key.interface &&
      words[row + entryWord.peer] === key.peer0 &&
      words[row + entryWord.peer + 1] === key.peer1 &&
      words[row + entryWord.peer + 2] === key.peer2 &&
      words[row + entryWord.local] === key.local0 &&
      words[row + entryWord.local + 1] === key.local1 &&
      words[row + entryWord.local + 2] === key.local2
    );
  }

  #take(): number {
    const free = this.#free;
    if (free === 0) return this.#unused++;
    this.#free = this.#words[((free - 1) << wordShift) + entryWord.next];
    return free - 1;
  }

  #link(entry: number, key: ConversationKey): void {
    const words = this.#words;
    const row = entry << wordShift;
    const hash = this.#hash.of(key);
    const bucket = hash & this.#bucketMask;
    words[row + entryWord.hash] = hash;
    words[row + entryWord.next] = this.#buckets[bucket];
    this.#buckets[bucket] = entry + 1;
    words[row + entryWord.interface] = key.interface;
    words[row + entryWord.kind] = key.kind;
    words[row + entryWord.ports] = key.ports;
    words[row + entryWord.local] = key.local0;
    words[row + entryWord.local + 1] = key.local1;
    words[row + entryWord.local + 2] = key.local2;
    words[row + entryWord.local + 3] = key.local3;
    words[row + entryWord.peer] = key.peer0;
    words[row + entryWord.peer + 1] = key.peer1;
    words[row + entryWord.peer + 2] = key.peer2;
    words[row + entryWord.peer + 3] = key.peer3;
  }

  #remove(entry: number): void {
    const words = this.#words;
    const row = entry << wordShift;
    const next = words[row + entryWord.next];
    const bucket = words[row + entryWord.hash] & this.#bucketMask;
    let link = this.#buckets[bucket];
    if (link === entry + 1) {
      this.#buckets[bucket] = next;
    } else {
      while (words[((link - 1) << wordShift) + entryWord.next] !== entry + 1) {
        link = words[((link - 1) << wordShift) + entryWord.next];
      }
      words[((link - 1) << wordShift) + entryWord.next] = next;
    }
    this.#life[(entry << lifeShift) + lifeWord.serial] = 0;
    words[row + entryWord.next] = this.#free;
    this.#free = entry + 1;
    this.counters.connections--;
  }

  #isUsed(entry: number): boolean {
    return this.#life[(entry << lifeShift) + lifeWord.serial] !== 0;
  }

  /** NaN counts as expired. */
  #isExpired(entry: number, nowMs: number): boolean {
    return !(this.#times[(entry << lifeTimeShift) + lifeTime.expiry] >= nowMs);
  }

  /** Whether only a damaged timestamp can have set the expiry: it lies beyond the longest timeout from now. */
  #isDamaged(entry: number): boolean {
    return (
      this.#times[(entry << lifeTimeShift) + lifeTime.expiry] >
      this.#clock.latestMs() + longestTimeoutSeconds * 1000 + sweepSlackMs
    );
  }

  #isOver(entry: number, nowMs: number): boolean {
    return (
      this.state(entry) === connectionState.closed || this.#isExpired(entry, nowMs) || this.#isDamaged(entry)
    );
  }

  /** Keeps the table near what is alive: each creation looks at a few entries. */
  #sweepSome(nowMs: number): void {
    for (let step = 0; step < sweepSteps; step++) {
      if (this.#sweepAt >= this.#unused) this.#sweepAt = 0;
      const entry = this.#sweepAt++;
      if (entry < this.#unused && this.#isUsed(entry) && this.#isExpired(entry, nowMs - sweepSlackMs)) {
        this.#remove(entry);
        this.counters.expired++;
      }
    }
  }

  /** Frees a sixteenth of the table at least: what is over, then marks of refusals, then connections, idlest first. */
  #makeRoom(nowMs: number): void {
    const wanted = Math.max(1, Math.floor(this.#capacity / evictionShare));
    let freed = this.#sweepAll(nowMs);
    if (freed < wanted) freed += this.#evictIdle(true, wanted - freed);
    if (freed < wanted) this.#evictIdle(false, wanted - freed);
  }

  #sweepAll(nowMs: number): number {
    let freed = 0;
    for (let entry = 0; entry < this.#unused; entry++) {
      if (!this.#isUsed(entry) || !this.#isOver(entry, nowMs)) continue;
      this.#remove(entry);
      freed++;
    }
    this.counters.expired += freed;
    return freed;
  }

  #evictIdle(marksOnly: boolean, wanted: number): number {
    const threshold = this.#idleThreshold(marksOnly, wanted);
    let freed = 0;
    for (let entry = 0; entry < this.#unused && freed < wanted; entry++) {
      if (!this.#mayEvict(entry, marksOnly) || !(this.#lastSeenMs(entry) <= threshold)) continue;
      this.#remove(entry);
      freed++;
    }
    this.counters.evicted += freed;
    return freed;
  }

  #mayEvict(entry: number, marksOnly: boolean): boolean {
    return this.#isUsed(entry) && (!marksOnly || this.state(entry) === connectionState.refused);
  }

  #lastSeenMs(entry: number): number {
    return (
      this.#times[(entry << lifeTimeShift) + lifeTime.expiry] -
      this.#times[(entry << lifeTimeShift) + lifeTime.timeout]
    );
  }

  /** The last-seen time that `wanted` entries are not above: exact in small tables, by a sample in large ones. */
  #idleThreshold(marksOnly: boolean, wanted: number): number {
    const stride = Math.ceil(this.#unused / sampleSize);
    let count = 0;
    for (let entry = 0; entry < this.#unused; entry += stride) {
      if (this.#mayEvict(entry, marksOnly)) this.#sample[count++] = this.#lastSeenMs(entry);
    }
    if (count === 0) return Number.NaN;
    const sorted = this.#sample.subarray(0, count).sort();
    return sorted[Math.min(count, Math.ceil(wanted / stride)) - 1];
  }
}
