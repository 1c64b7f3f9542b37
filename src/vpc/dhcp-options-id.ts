import type { Place } from '../resource/index.ts';
import { madeUpId } from './made-up-id.ts';

/** The default set of DHCP options of a Region, which every VPC has; there are no others. */
export function dhcpOptionsId(place: Place): string {
  return madeUpId('dopt', 'dhcp-options', place, 'default');
}
