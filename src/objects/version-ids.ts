import { randomBytes } from 'node:crypto';

/** Names of versions and uploads: the later the greater, each only once, fit for names of files. */
export class VersionIds {
  readonly #clock: () => number;
  #ms = 0;
  #count = 0;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  next(): string {
    const nowMs = Math.floor(this.#clock());
    this.#count = nowMs > this.#ms ? 0 : this.#count + 1;
    this.#ms = Math.max(this.#ms, nowMs);
    const time = this.#ms.toString(16).padStart(12, '0');
    return `${time}${this.#count.toString(16).padStart(8, '0')}${randomBytes(6).toString('hex')}`;
  }
}

/** Of every one of them, in characters. */
export const versionIdLength = 32;

const form = /^[0-9a-f]{32}$/;

/** Whether a text can be one at all; clients send any. */
export function isVersionId(text: string): boolean {
  return form.test(text);
}
