import { createHmac, timingSafeEqual } from 'node:crypto';

const macBytes = 16;

/** Tokens that tell where the next page begins: opaque, and good only for who was given them. */
export class PageTokens {
  readonly #key: Uint8Array;

  constructor(key: Uint8Array) {
    this.#key = key;
  }

  /** `scope`: what the token is good for: account, Region, action and the request's own conditions. */
  seal(scope: string, position: string): string {
    return Buffer.concat([this.#mac(scope, position), Buffer.from(position, 'utf8')]).toString('base64url');
  }

  /** The position, or undefined for a token that was not given out for this. */
  open(scope: string, token: string): string | undefined {
    const bytes = Buffer.from(token, 'base64url');
    if (bytes.length < macBytes) return undefined;
    const position = bytes.toString('utf8', macBytes);
    return timingSafeEqual(bytes.subarray(0, macBytes), this.#mac(scope, position)) ? position : undefined;
  }

  #mac(scope: string, position: string): Buffer {
    return createHmac('sha256', this.#key)
      .update(`${scope.length}\n${scope}\n${position}`)
      .digest()
      .subarray(0, macBytes);
  }
}
