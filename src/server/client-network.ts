import { formatPrefix, maskAddress, parseAddress } from '../ip/index.ts';
import { canonicalHost } from './allowed-hosts.ts';

/** What one customer of a provider has at least ("RFC 6177"): so many addresses that single ones bound nothing. */
const networkLength = 64;

/** Whose share a client uses up: an IPv4 address, of IPv6 its network. */
export function clientNetwork(address: string): string {
  const name = canonicalHost(address);
  const parsed = parseAddress(name);
  if (parsed?.family !== 6) return name;
  return formatPrefix({ family: 6, words: maskAddress(parsed, networkLength), length: networkLength });
}
