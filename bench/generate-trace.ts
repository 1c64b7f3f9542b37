import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import type { Conversation } from './conversation.ts';
import { FrameBuilder } from './frame-builder.ts';
import { PcapWriter } from './pcap-writer.ts';
import { planConversations, type TraceSpec } from './plan-conversations.ts';
import { isMidDatagram, playPacket } from './play-packet.ts';
import { Random } from './random.ts';
import { TimeQueue } from './time-queue.ts';

/** Raise it when the generator changes what it writes: kept traces are then made anew. */
const generatorVersion = 2;

/** 2026-01-01T00:00:00Z: on a boundary of every flow log interval. */
const traceStartSeconds = 1_767_225_600;

/** What a trace holds, counted while it was written. */
export interface TraceSummary {
  readonly version: number;
  readonly spec: TraceSpec;
  readonly file: string;
  readonly fileBytes: number;
  readonly packets: number;
  readonly conversations: number;
  /** IP headers included, link headers not. */
  readonly ipBytes: number;
  /** IP packets of at most 128 bytes, and of at least 1400. */
  readonly smallPackets: number;
  readonly fullPackets: number;
  readonly ipv6Packets: number;
  readonly vlanPackets: number;
  readonly fragments: number;
  readonly tcpPackets: number;
  readonly udpPackets: number;
  readonly icmpPackets: number;
  /** The most conversations that had begun and not ended at one moment. */
  readonly mostAlive: number;
}

/** The trace in that file, made now unless it is there already; a summary lies beside it as `.json`. */
export function ensureTrace(file: string, spec: TraceSpec): TraceSummary {
  return keptTrace(file, spec) ?? generateTrace(file, spec);
}

function keptTrace(file: string, spec: TraceSpec): TraceSummary | undefined {
  if (!existsSync(file) || !existsSync(`${file}.json`)) return undefined;
  const summary: TraceSummary = JSON.parse(readFileSync(`${file}.json`, 'utf8'));
  const same = summary.version === generatorVersion && JSON.stringify(summary.spec) === JSON.stringify(spec);
  return same && statSync(file).size === summary.fileBytes ? { ...summary, file } : undefined;
}

/** Writes the trace of a seed: the same spec gives the same bytes. */
export function generateTrace(file: string, spec: TraceSpec): TraceSummary {
  const talks = planConversations(spec);
  const writer = new PcapWriter(`${file}.partial`, traceStartSeconds);
  const frames = new FrameBuilder(writer);
  const mostAlive = playAll(frames, talks, spec.seed);
  const fileBytes = writer.close();
  renameSync(`${file}.partial`, file);
  const { counts } = frames;
  const summary = {
    version: generatorVersion,
    spec,
    file,
    fileBytes,
    packets: counts.frames,
    conversations: talks.length,
    ipBytes: counts.ipBytes,
    smallPackets: counts.small,
    fullPackets: counts.full,
    ipv6Packets: counts.ipv6,
    vlanPackets: counts.vlan,
    fragments: counts.fragments,
    tcpPackets: counts.tcp,
    udpPackets: counts.udp,
    icmpPackets: counts.icmp,
    mostAlive,
  };
  writeFileSync(`${file}.json`, `${JSON.stringify(summary, undefined, 2)}\n`);
  return summary;
}

/** Plays all conversations in time order; gives the most that were under way at once. */
function playAll(frames: FrameBuilder, talks: readonly Conversation[], seed: number): number {
  const random = new Random(seed + 1);
  const queue = new TimeQueue(talks.length);
  for (const [i, talk] of talks.entries()) queue.push(talk.startUs, i);
  let alive = 0;
  let mostAlive = 0;
  while (queue.size > 0) {
    const talk = talks[queue.firstValue];
    const timeUs = queue.firstTime;
    if (talk.sent === 0) alive++;
    if (alive > mostAlive) mostAlive = alive;
    playPacket(frames, random, talk, timeUs);
    if (talk.sent < talk.packetCount) queue.postponeFirst(nextTimeUs(random, talk, timeUs));
    else {
      queue.removeFirst();
      alive--;
    }
  }
  return mostAlive;
}

/** Bursts and pauses whose mean keeps to the conversation's end. */
function nextTimeUs(random: Random, talk: Conversation, timeUs: number): number {
  if (isMidDatagram(talk)) return timeUs + 1;
  const share = (talk.endUs - timeUs) / (talk.packetCount - talk.sent + 1);
  const factor = random.chance(0.8) ? 0.2 * random.unit() : 2 + 5 * random.unit();
  return timeUs + Math.max(1, Math.floor(Math.min(share * factor, (talk.endUs - timeUs) / 2)));
}
