import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { syncPath } from '../disk/index.ts';
import { ServiceError } from '../fault/index.ts';
import type { ServiceAccess, ServiceSource } from '../iam/service-access.ts';
import type { ObjectStore } from '../objects/index.ts';
import { type Place, placeKey, type Resources } from '../resource/index.ts';
import { type BucketAddress, type BucketTarget, localBucket } from './bucket-target.ts';
import { DeliveryStream, type StreamStatus } from './delivery-stream.ts';
import { DiskReserve } from './disk-reserve.ts';
import { DiskSlots } from './disk-slots.ts';
import { frameBytes } from './frame-file.ts';
import { IntakeRoom, type RoomBounds, slowDown } from './intake-room.ts';
import { type DeliveryStreamResource, deliveryStreams } from './kinds.ts';
import type { RecordIntake, RecordOrigin } from './shapes.ts';

export interface DeliveryStreamsOptions {
  readonly resources: Resources;
  /** `headgate-data/firehose`: a folder for each stream. */
  readonly folder: string;
  readonly objects: Pick<ObjectStore, 'put'>;
  readonly access: ServiceAccess;
  /** Buckets that live elsewhere; undefined for those that are Headgate's own. */
  readonly bucketTarget?: (address: BucketAddress) => BucketTarget | undefined;
  readonly bounds?: RoomBounds;
  readonly clock?: () => number;
  /** How often streams are looked at; 0: when `poll` is called. */
  readonly pollMs?: number;
  /** For an endpoint's answer. */
  readonly httpTimeoutMs?: number;
  /** Of one object, before it is compressed. */
  readonly mostObjectBytes?: number;
  /** Told, as one line, what a person should know. */
  readonly report: (line: string) => void;
}

/** Where a stream is. */
export interface StreamAt {
  readonly place: Place;
  readonly name: string;
}

export interface PlacedStreamStatus extends StreamStatus {
  readonly place: Place;
  readonly name: string;
}

/** A day of 5 MB/s is more than most disks have for it; so is what AWS keeps for 24 hours. */
const defaultBounds: RoomBounds = { streamBytes: 1024 ** 3, totalBytes: 4 * 1024 ** 3 };
/** Of records that are put together; more do not fit a frame. */
const mostPutBytes = 64 * 1024 * 1024;
const mostPutRecords = 1_000_000;
/** Buffers have 128 MiB at most; when they are decompressed this is where it ends. S3 takes five times as much. */
const usualObjectBytes = 1024 ** 3;
/** Streams that work with files at the same time: of thousands all may be due at once. */
const diskSlots = 16;
const suffix = '.stream';

/** All delivery streams of an installation. Streams themselves are resources; here is what they do. */
export class DeliveryStreams implements RecordIntake {
  readonly #options: DeliveryStreamsOptions;
  readonly #clock: () => number;
  readonly #room: IntakeRoom;
  readonly #slots = new DiskSlots(diskSlots);
  readonly #reserve: DiskReserve;
  readonly #bounds: RoomBounds;
  readonly #streams = new Map<string, { readonly at: StreamAt; readonly opened: Promise<DeliveryStream> }>();
  readonly #running = new Map<string, DeliveryStream>();
  readonly #erasing = new Map<string, Promise<void>>();
  /** Of an earlier run, and in the way of nobody. */
  readonly #unopened: { readonly at: StreamAt; readonly why: string }[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isEnded = false;

  private constructor(options: DeliveryStreamsOptions) {
    this.#options = options;
    this.#clock = options.clock ?? Date.now;
    this.#bounds = options.bounds ?? defaultBounds;
    this.#room = new IntakeRoom(this.#bounds.totalBytes);
    this.#reserve = new DiskReserve(options.folder);
  }

  /** Goes on where an earlier run has stopped: also with streams that were being made, or deleted. */
  static async open(options: DeliveryStreamsOptions): Promise<DeliveryStreams> {
    const streams = new DeliveryStreams(options);
    await mkdir(options.folder, { recursive: true });
    await streams.#resume();
    await streams.#removeOrphans();
    const { pollMs = 250 } = options;
    if (pollMs > 0) streams.#timer = setInterval(() => void streams.poll(), pollMs).unref();
    return streams;
  }

  async putRecords(
    at: StreamAt,
    records: readonly Uint8Array[],
    origin?: RecordOrigin,
  ): Promise<{ readonly recordIds: readonly string[] }> {
    const stream = await this.#active(at);
    const bytes = records.reduce((sum, { length }) => sum + length, 0);
    if (bytes > mostPutBytes || records.length > mostPutRecords) {
      throw new ServiceError('InvalidArgumentException', `Records put together exceed ${mostPutBytes} bytes`);
    }
    if (await this.#reserve.isNeeded()) throw slowDown();
    if (records.length > 0) await stream.put(records, origin);
    return { recordIds: newRecordIds(records.length) };
  }

  /** As many of the first records as there is room for; undefined for each other one. */
  async putSome(at: StreamAt, records: readonly Uint8Array[]): Promise<readonly (string | undefined)[]> {
    const stream = await this.#active(at);
    const free = Math.min(this.#bounds.streamBytes - stream.status.bufferedBytes, this.#room.free);
    let bytes = frameBytes(1024);
    const firstOver = records.findIndex(({ length }) => {
      bytes += length + 4;
      return bytes > free;
    });
    const taken = firstOver === -1 ? records : records.slice(0, firstOver);
    if (taken.length === 0) return records.map(() => undefined);
    try {
      const { recordIds } = await this.putRecords(at, taken);
      return records.map((_, index) => recordIds[index]);
    } catch (error) {
      if (error instanceof ServiceError && error.code === slowDown().code)
        return records.map(() => undefined);
      throw error;
    }
  }

  /** Nothing of the source will be taken as a repeat any more. */
  async forgetOrigin(at: StreamAt, source: string): Promise<void> {
    const resource = this.#options.resources.get(deliveryStreams, at.place, at.name);
    if (resource?.DeliveryStreamStatus === 'ACTIVE') (await this.#streamOf(at)).forget(source);
  }

  /**
   * Makes a stream: CREATING, until there is a place for its records on the disk. `check` sees what is there already.
   * @throws ServiceError what `make` throws
   */
  async create(
    at: StreamAt,
    make: (existing: DeliveryStreamResource | undefined, count: number) => DeliveryStreamResource,
  ): Promise<void> {
    const { resources } = this.#options;
    await resources.write((draft) => {
      const count = [...draft.list(deliveryStreams, at.place)].length;
      const made = make(draft.get(deliveryStreams, at.place, at.name), count);
      draft.put(deliveryStreams, at.place, at.name, { ...made, DeliveryStreamStatus: 'CREATING' });
    });
    await this.#activate(at);
  }

  /** Deletes a stream, and the records that wait in it: as AWS does, they are not delivered any more. */
  async remove({ place, name }: StreamAt): Promise<void> {
    const at = { place, name };
    await this.#options.resources.write((draft) => {
      const found = draft.get(deliveryStreams, place, name);
      if (!found) throw notFound(at);
      draft.put(deliveryStreams, place, name, { ...found, DeliveryStreamStatus: 'DELETING' });
    });
    await this.#eraseOnce(at);
  }

  /** Whether Firehose may become the role for the stream, as things are now. */
  canAssume(roleArn: string, at: StreamAt): boolean {
    return this.#options.access.assume(roleArn, streamSource(at)) !== undefined;
  }

  status(): PlacedStreamStatus[] {
    return [...this.#streams].flatMap(([key, { at }]) => {
      const status = this.#running.get(key)?.status;
      return status ? [{ ...at, ...status }] : [];
    });
  }

  /** Does what is due at this moment; fulfilled when it is done. */
  async poll(): Promise<void> {
    if (this.#isEnded) return;
    const unopened = this.#unopened.splice(0);
    for (const { at, why } of unopened) await this.#tryActivate(at, why);
    await Promise.all(
      [...this.#running.values()].filter(({ isDue }) => isDue).map((stream) => stream.poll()),
    );
  }

  async close(): Promise<void> {
    this.#isEnded = true;
    clearInterval(this.#timer);
    await Promise.all([...this.#streams.values()].map(async ({ opened }) => (await opened).end()));
  }

  async #active(at: StreamAt): Promise<DeliveryStream> {
    const resource = this.#options.resources.get(deliveryStreams, at.place, at.name);
    if (resource?.DeliveryStreamStatus !== 'ACTIVE') throw notFound(at);
    return this.#streamOf(at);
  }

  /** Opened when it is first needed: who made the resource does not matter. */
  #streamOf({ place, name }: StreamAt): Promise<DeliveryStream> {
    const key = keyOf({ place, name });
    const found = this.#streams.get(key);
    if (found) return found.opened;
    if (this.#isEnded) return Promise.reject(slowDown());
    const opened = this.#open({ place, name });
    this.#streams.set(key, { at: { place, name }, opened });
    opened.then(
      (stream) => this.#running.set(key, stream),
      () => this.#streams.delete(key),
    );
    return opened;
  }

  async #open(at: StreamAt): Promise<DeliveryStream> {
    const { resources, report, bucketTarget } = this.#options;
    const { httpTimeoutMs = 180_000, mostObjectBytes = usualObjectBytes } = this.#options;
    const folder = this.#folderOf(at);
    const local = { ...this.#options, slots: this.#slots };
    await mkdir(path.dirname(folder), { recursive: true });
    return DeliveryStream.open({
      parts: {
        folder,
        source: streamSource(at),
        bucketTarget: (address) => bucketTarget?.(address) ?? localBucket(local, address),
        slots: this.#slots,
        httpTimeoutMs,
        mostObjectBytes,
        clock: this.#clock,
      },
      room: new IntakeRoom(this.#bounds.streamBytes, this.#room),
      resource: () => resources.get(deliveryStreams, at.place, at.name),
      report,
    });
  }

  async #activate(at: StreamAt): Promise<void> {
    await this.#streamOf(at);
    await this.#options.resources.write((draft) => {
      const found = draft.get(deliveryStreams, at.place, at.name);
      if (found?.DeliveryStreamStatus !== 'CREATING') return;
      draft.put(deliveryStreams, at.place, at.name, { ...found, DeliveryStreamStatus: 'ACTIVE' });
    });
  }

  /** Who comes second waits for the first: what is made when that is done is another stream. */
  #eraseOnce(at: StreamAt): Promise<void> {
    const key = keyOf(at);
    const found = this.#erasing.get(key);
    if (found) return found;
    const erasing = this.#erase(at).finally(() => this.#erasing.delete(key));
    this.#erasing.set(key, erasing);
    return erasing;
  }

  /** The resource goes last: a crash before that is made up for by the next run. */
  async #erase(at: StreamAt): Promise<void> {
    const key = keyOf(at);
    const stream = await this.#streams.get(key)?.opened;
    this.#running.delete(key);
    this.#streams.delete(key);
    await stream?.end();
    this.#room.add(-(stream?.status.bufferedBytes ?? 0));
    const folder = this.#folderOf(at);
    await rm(folder, { recursive: true, force: true });
    await mkdir(path.dirname(folder), { recursive: true });
    await syncPath(path.dirname(folder));
    await this.#options.resources.write((draft) => draft.remove(deliveryStreams, at.place, at.name));
  }

  async #resume(): Promise<void> {
    const { resources } = this.#options;
    for (const place of resources.places(deliveryStreams)) {
      for (const { DeliveryStreamName: name, DeliveryStreamStatus } of [
        ...resources.list(deliveryStreams, place),
      ]) {
        const at = { place, name };
        if (DeliveryStreamStatus === 'DELETING') await this.#erase(at);
        else await this.#tryActivate(at);
      }
    }
  }

  /** One that cannot be opened keeps nobody from the others; it is tried again. @param told why it could not be before */
  async #tryActivate(at: StreamAt, told?: string): Promise<void> {
    const { resources, report } = this.#options;
    if (!resources.get(deliveryStreams, at.place, at.name)) return;
    try {
      await this.#activate(at);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      const why = error.message;
      if (why !== told) report(`${streamArn(at)} cannot be opened: ${why}`);
      this.#unopened.push({ at, why });
    }
  }

  /** Of streams that are no more. */
  async #removeOrphans(): Promise<void> {
    const { folder, resources, report } = this.#options;
    for (const accountId of await foldersIn(folder)) {
      for (const region of await foldersIn(path.join(folder, accountId))) {
        for (const name of await foldersIn(path.join(folder, accountId, region))) {
          const isOurs = name.endsWith(suffix);
          if (!isOurs || resources.get(deliveryStreams, { accountId, region }, name.slice(0, -suffix.length)))
            continue;
          report(`${path.join(folder, accountId, region, name)}: of a stream that is no more: removed`);
          await rm(path.join(folder, accountId, region, name), { recursive: true, force: true });
        }
      }
    }
  }

  #folderOf({ place: { accountId, region }, name }: StreamAt): string {
    // Names may be `..`; with something after them they are names like others.
    return path.join(this.#options.folder, accountId, region, `${name}${suffix}`);
  }
}

function keyOf({ place, name }: StreamAt): string {
  return `${placeKey(place)}/${name}`;
}

export function streamArn({ place: { accountId, region }, name }: StreamAt): string {
  return `arn:aws:firehose:${region}:${accountId}:deliverystream/${name}`;
}

/** On whose behalf Firehose assumes a stream's role. */
function streamSource(at: StreamAt): ServiceSource {
  const { accountId } = at.place;
  return { service: 'firehose.amazonaws.com', accountId, arn: streamArn(at), externalId: accountId };
}

export function notFound({ place, name }: StreamAt): ServiceError {
  return new ServiceError(
    'ResourceNotFoundException',
    `Firehose ${name} under account ${place.accountId} not found.`,
  );
}

/** Opaque, as AWS's are: they cannot be asked for again. */
function newRecordIds(count: number): string[] {
  const common = randomBytes(90).toString('base64');
  return Array.from({ length: count }, (_, index) => common + index.toString(36).padStart(8, '0'));
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}
