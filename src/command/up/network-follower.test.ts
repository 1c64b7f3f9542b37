import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { OpenedResources } from '../../../test/open-resources.ts';
import type { Resources } from '../../resource/index.ts';
import { deviceNetwork, type Network, putNetwork } from '../../vpc/index.ts';
import { NetworkFollower } from './network-follower.ts';

const identity = { accountId: '123456789012', region: 'us-east-1', azId: 'use1-az1' };
const device = (name: string, address: string) => ({ name, addresses: [{ address, prefixLength: 24 }] });
const eth0 = device('eth0', '10.0.1.1');
const eth1 = device('eth1', '10.0.2.1');

let opened: OpenedResources;
let reported: string[];
/** What the store answers with instead, while it is set. */
let outage: Error | undefined;
beforeEach(async () => {
  opened = await OpenedResources.open(identity);
  await opened.resources.write((draft) => putNetwork(draft, identity, deviceNetwork([eth0], identity)));
  reported = [];
  outage = undefined;
});
afterEach(() => opened.close());

function followerOf(): NetworkFollower {
  const { resources } = opened;
  return new NetworkFollower({
    resources: {
      get: resources.get.bind(resources),
      list: resources.list.bind(resources),
      entries: resources.entries.bind(resources),
      places: resources.places.bind(resources),
      onChange: resources.onChange.bind(resources),
      write: (change: Parameters<Resources['write']>[0]) =>
        outage ? Promise.reject(outage) : resources.write(change),
    } as unknown as Resources,
    identity,
    confirmationMs: 20,
    retryMs: 1,
    report: (sentence) => reported.push(sentence),
  });
}
const devicesIn = ({ networkInterfaces }: Network): (string | undefined)[] =>
  networkInterfaces.map(({ Description }) => Description);

describe('NetworkFollower', () => {
  it('tries again to follow devices that could not be stored, and says so once', async () => {
    const follower = followerOf();
    outage = new Error('no space');
    await follower.followDevices([eth0, eth1]);
    expect(devicesIn(follower.network)).toEqual(['eth0']);
    outage = undefined;
    await vi.waitFor(() => expect(devicesIn(follower.network)).toEqual(['eth0', 'eth1']), 10_000);
    expect(reported).toEqual(['the network cannot follow the devices: no space']);
  });

  it('follows what was told last', async () => {
    const follower = followerOf();
    outage = new Error('no space');
    await follower.followDevices([eth0, eth1]);
    outage = undefined;
    await follower.followDevices([eth1]);
    expect(devicesIn(follower.network)).toEqual(['eth1']);
  });

  it.each([
    ['nobody judges', undefined, 0],
    ['it is confirmed', true, 0],
    ['it is not confirmed in time', false, 1],
  ])('counts changes that were answered before they were judged by: %s', async (_, isConfirmed, counted) => {
    const follower = followerOf();
    const updates: Network[] = [];
    if (isConfirmed !== undefined) {
      follower.tell({
        update: (network) => updates.push(network),
        confirmed: async () => isConfirmed,
      });
    }
    await follower.followDevices([eth0, eth1]);
    expect(follower.unconfirmed).toBe(counted);
    if (isConfirmed !== undefined) expect(updates.map(devicesIn)).toEqual([['eth0'], ['eth0', 'eth1']]);
  });
});
