/** Hot: hashes conversations with random factors, so that who sends the packets cannot choose them to collide. */
import { randomBytes } from 'node:crypto';
import type { ConversationKey } from './conversation-key.ts';

export class ConversationHash {
  readonly #factors = Int32Array.from({ length: 12 }, () => randomBytes(4).readInt32LE(0) | 1);

  of(key: ConversationKey): number {
    const factors = this.#factors;
    let hash = step(factors[11], key.ports, factors[0]);
    hash = step(hash, key.peer3, factors[1]);
    hash = step(hash, key.local3, factors[2]);
    hash = step(hash, key.interface, factors[3]);
    hash = step(hash, key.kind, factors[4]);
    if (key.kind >= 0x100) {
      hash = step(hash, key.peer0, factors[5]);
      hash = step(hash, key.peer1, factors[6]);
      hash = step(hash, key.peer2, factors[7]);
      hash = step(hash, key.local0, factors[8]);
      hash = step(hash, key.local1, factors[9]);
      hash = step(hash, key.local2, factors[10]);
    }
    return hash;
  }
}

function step(hash: number, value: number, factor: number): number {
  const mixed = Math.imul(hash ^ value, factor);
  return mixed ^ (mixed >>> 15);
}
