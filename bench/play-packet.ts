import type { Conversation } from './conversation.ts';
import type { FrameBuilder } from './frame-builder.ts';
import type { Random } from './random.ts';

const fin = 0x01;
const syn = 0x02;
const rst = 0x04;
const psh = 0x08;
const ack = 0x10;

/** Bytes of TCP data that fill a packet of 1500 bytes behind our headers. */
const fullSegment = { 4: 1448, 6: 1428 } as const;
const fullFragment = { 4: 1480, 6: 1448 } as const;

/** Builds the next packet of a conversation. */
export function playPacket(frames: FrameBuilder, random: Random, talk: Conversation, timeUs: number): void {
  if (talk.protocol === 6) playTcp(frames, random, talk, timeUs);
  else if (talk.protocol !== 17) frames.echo(timeUs, talk, talk.sent % 2 === 0, talk.sent >> 1);
  else if (talk.profile === 'fragmented') playFragmented(frames, random, talk, timeUs);
  else playDatagram(frames, random, talk, timeUs);
  talk.sent++;
}

/** True when the next packet follows the last one at once: a datagram's later fragments. */
export function isMidDatagram(talk: Conversation): boolean {
  return talk.datagramSent < talk.datagramBytes;
}

function playTcp(frames: FrameBuilder, random: Random, talk: Conversation, timeUs: number): void {
  const handshake = talk.profile === 'midstream' ? undefined : handshakeStep(talk);
  const step = handshake ?? closingStep(talk) ?? dataStep(random, talk);
  const dataBytes = step.dataBytes ?? 0;
  const { fromClient, flags } = step;
  frames.tcp(timeUs, talk, fromClient, {
    flags,
    sequence: fromClient ? talk.clientSequence : talk.serverSequence,
    acknowledge: flags & ack ? (fromClient ? talk.serverSequence : talk.clientSequence) : 0,
    dataBytes,
  });
  // A repeated SYN keeps its sequence number.
  const advance = talk.profile === 'scan' ? 0 : dataBytes + (flags & (syn | fin) ? 1 : 0);
  if (fromClient) talk.clientSequence = (talk.clientSequence + advance) | 0;
  else talk.serverSequence = (talk.serverSequence + advance) | 0;
}

interface Step {
  readonly fromClient: boolean;
  readonly flags: number;
  readonly dataBytes?: number;
}

const client = (flags: number, dataBytes = 0): Step => ({ fromClient: true, flags, dataBytes });
const server = (flags: number, dataBytes = 0): Step => ({ fromClient: false, flags, dataBytes });

function handshakeStep({ profile, sent }: Conversation): Step | undefined {
  if (profile === 'scan') return client(syn);
  if (profile === 'refused' && sent === 1) return server(rst | ack);
  return [client(syn), server(syn | ack), client(ack)][sent];
}

function closingStep({ ending, packetCount, sent }: Conversation): Step | undefined {
  const left = packetCount - sent;
  if (ending === 'reset') return left === 1 ? client(rst | ack) : undefined;
  if (ending === 'open' || left > 4) return undefined;
  return [client(ack), server(fin | ack), server(ack), client(fin | ack)][left - 1];
}

function dataStep(random: Random, talk: Conversation): Step {
  const full = fullSegment[talk.family];
  if (talk.profile === 'interactive') return interactiveStep(random, talk);
  if (talk.profile !== 'bulk') return requestStep(random, talk, full);
  const download = talk.serverPort !== 9092;
  const isAck = talk.sent % 3 === 2;
  return download === isAck ? client(ack, isAck ? 0 : full) : server(ack, isAck ? 0 : full);
}

/** Key strokes and their echo, each acknowledged. */
function interactiveStep(random: Random, talk: Conversation): Step {
  const dataBytes = random.between(16, 120);
  return [client(psh | ack, dataBytes), server(psh | ack, dataBytes * 2), client(ack)][talk.sent % 3];
}

/** A request and its answer of a few full segments and a rest, over and over. */
function requestStep(random: Random, talk: Conversation, full: number): Step {
  switch (talk.sent % 8) {
    case 3:
      return client(psh | ack, random.between(120, 900));
    case 4:
    case 7:
      return client(ack);
    case 2:
      return server(psh | ack, random.between(40, full));
    default:
      return talk.sent % 8 === 1 ? client(ack) : server(ack, full);
  }
}

function playDatagram(frames: FrameBuilder, random: Random, talk: Conversation, timeUs: number): void {
  const { sent } = talk;
  if (talk.profile === 'dns') {
    frames.udp(timeUs, talk, sent === 0, sent === 0 ? random.between(28, 64) : random.between(60, 480));
  } else if (talk.profile === 'voice') {
    frames.udp(timeUs, talk, sent % 2 === 0, 172);
  } else {
    const fromClient = sent % 4 === 0;
    frames.udp(timeUs, talk, fromClient, fromClient ? random.between(32, 80) : random.between(1000, 1250));
  }
}

/** A small question, then an answer of several fragments; a datagram that the packet count cuts short stays so. */
function playFragmented(frames: FrameBuilder, random: Random, talk: Conversation, timeUs: number): void {
  if (!isMidDatagram(talk)) {
    talk.datagramSent = 0;
    talk.datagramBytes = 0;
    if (talk.datagramId === 0 || random.chance(0.5)) {
      talk.datagramId = random.int32() | 1;
      frames.udp(timeUs, talk, true, 100);
      return;
    }
    talk.datagramId = random.int32() | 1;
    talk.datagramBytes = 8 + random.between(2000, 8000);
  }
  const length = Math.min(fullFragment[talk.family], talk.datagramBytes - talk.datagramSent);
  const more = talk.datagramSent + length < talk.datagramBytes;
  const fragment = { id: talk.datagramId, offset: talk.datagramSent, more };
  frames.udpFragment(timeUs, talk, false, talk.datagramBytes - 8, fragment, length);
  talk.datagramSent += length;
}
