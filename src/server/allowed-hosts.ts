import { isIP } from 'node:net';
import { formatAddress, parseAddress } from '../ip/index.ts';

/** What the SDKs put before a host's name for streams. */
const streamPrefix = /^stream(?:ing)?-/;

/** S3's own names, after the bucket's: `s3`, `s3.eu-west-1`, `s3.dualstack.eu-west-1`. */
const s3Endpoint = /^(?:(.+)\.)?s3(?:-fips)?(?:\.dualstack)?(?:\.[a-z]{2,4}(?:-[a-z]{1,12}){1,3}-\d{1,2})?$/;

/**
 * The names in `Host` headers that are ours. A page that a browser has loaded from elsewhere reaches a loopback server
 * by a name of its own (DNS rebinding), never by an address or by a name that only we have.
 */
export class AllowedHosts {
  readonly #names: readonly string[];
  /** Of names and local addresses that were asked about lately. */
  readonly #answers = new Map<string, boolean>();

  constructor(address: string, hosts: readonly string[]) {
    this.#names = ['localhost', address, ...hosts].map((host) => canonicalHost(hostName(host)));
  }

  /** @param localAddress of the connection: what a wildcard address stands for */
  allows(host: string, localAddress: string | undefined): boolean {
    return remembered(this.#answers, `${localAddress} ${host}`, () => this.#allows(host, localAddress));
  }

  /** The bucket of `bucket.s3.localhost`, `bucket.s3.eu-west-1.localhost` and `bucket.localhost`; addresses have none. */
  bucketOf(host: string): string | undefined {
    const name = canonicalHost(hostName(host));
    if (isIP(name) !== 0) return undefined;
    const ours = this.#names.filter(
      (known) => name === known || (isIP(known) === 0 && name.endsWith(`.${known}`)),
    );
    const longest = Math.max(...ours.map((known) => known.length));
    if (ours.length === 0 || longest === name.length) return undefined;
    const below = name.slice(0, -longest - 1);
    const endpoint = s3Endpoint.exec(below);
    return endpoint ? endpoint[1] : below;
  }

  #allows(host: string, localAddress: string | undefined): boolean {
    if (!/^[\w.:[\]-]+$/.test(host)) return false;
    const name = canonicalHost(hostName(host));
    return this.#isOurs(name, localAddress) || this.#isOurs(name.replace(streamPrefix, ''), localAddress);
  }

  #isOurs(name: string, localAddress: string | undefined): boolean {
    if (isLoopbackAddress(name) || (localAddress !== undefined && name === canonicalHost(localAddress))) {
      return true;
    }
    return this.#names.some((known) => name === known || (isIP(known) === 0 && name.endsWith(`.${known}`)));
  }
}

/** Without the port, brackets and the root's dot; in lower case. */
function hostName(host: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d*)?$/.exec(host);
  const name = bracketed ? bracketed[1] : isIP(host) === 6 ? host : host.replace(/:\d*$/, '');
  return name.toLowerCase().replace(/\.$/, '');
}

const mostRemembered = 256;
const longestRemembered = 300;

/** Nearly all requests come from and to the same few; what others send is worked out anew. */
function remembered<Answer>(answers: Map<string, Answer>, question: string, answer: () => Answer): Answer {
  const known = answers.get(question);
  if (known !== undefined) return known;
  const found = answer();
  if (answers.size >= mostRemembered) answers.clear();
  if (question.length <= longestRemembered) answers.set(question, found);
  return found;
}

const canonicalHosts = new Map<string, string>();

/** Addresses in their shortest form; IPv4 in IPv6 as IPv4. */
export function canonicalHost(name: string): string {
  return remembered(canonicalHosts, name, () => newCanonicalHost(name));
}

function newCanonicalHost(name: string): string {
  const address = parseAddress(name.replace(/^::ffff:(?=\d+\.)/i, ''));
  return address ? formatAddress(address.family, ...address.words) : name;
}

export function isLoopbackAddress(name: string): boolean {
  return isIP(name) === 4 ? name.startsWith('127.') : canonicalHost(name) === '::1';
}
