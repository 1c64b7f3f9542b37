import { readFileSync } from 'node:fs';
import { listDevices } from '../../capture/index.ts';
import type { Identity, Network } from '../../vpc/index.ts';
import { matchDevice } from '../capture/device-match.ts';
import { isOfHost } from '../capture/host-device.ts';
import type { DeviceSource } from '../capture/options.ts';

/**
 * What the devices of this host have counted since they came up, by the id of the network interface that each is: how
 * many packets passed while nobody captured them. Devices that say nothing are left out.
 */
export function deviceCounters(
  network: Network,
  identity: Identity,
  sources: readonly DeviceSource[],
): ReadonlyMap<string, number> {
  const counters = new Map<string, number>();
  for (const device of listDevices()) {
    if (!isOfHost(device, sources)) continue;
    const named = sources.find(({ name }) => name === device.name)?.interfaceId;
    const matched = matchDevice(device, named, network, identity);
    const packets = typeof matched === 'string' ? undefined : packetsOf(device.name);
    if (typeof matched === 'string' || packets === undefined) continue;
    counters.set(matched.NetworkInterfaceId ?? '', packets);
  }
  return counters;
}

function packetsOf(device: string): number | undefined {
  const read = (counter: string): number =>
    Number(readFileSync(`/sys/class/net/${device}/statistics/${counter}`, 'utf8'));
  try {
    const packets = read('rx_packets') + read('tx_packets');
    return Number.isSafeInteger(packets) ? packets : undefined;
  } catch {
    // It has gone since it was listed, or this kernel does not tell.
    return undefined;
  }
}
