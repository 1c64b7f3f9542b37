import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import type { NetworkInterface } from '@aws-sdk/client-ec2';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { testIdentity } from '../../../test/meter-harness.ts';
import { networkOf } from '../../../test/network-folder.ts';
import { CaptureSums, sourceBit } from '../../flow/index.ts';
import type { Network } from '../../vpc/index.ts';
import { CaptureEngine } from './engine.ts';
import { type NetworkUpdate, ThreadControl, type ThreadMessage } from './thread-protocol.ts';

const inVpc = (vpcId: string): NetworkInterface => ({
  NetworkInterfaceId: `eni-in-${vpcId}`,
  VpcId: vpcId,
  PrivateIpAddress: '10.0.0.1',
});
const usable = networkOf({ vpcs: [{ VpcId: 'vpc-1' }], networkInterfaces: [inVpc('vpc-1')] });
const ambiguous = networkOf({
  vpcs: [{ VpcId: 'vpc-1' }, { VpcId: 'vpc-2' }],
  networkInterfaces: [inVpc('vpc-1'), inVpc('vpc-2')],
});

describe('networks that the main thread sends', () => {
  let channel: MessageChannel;
  const control = new ThreadControl();
  beforeEach(() => {
    channel = new MessageChannel();
  });
  afterEach(() => channel.port1.close());

  const send = (network: Network): number => {
    channel.port1.postMessage({ network } satisfies NetworkUpdate);
    return control.announceNetwork();
  };
  const engine = (isService: boolean): CaptureEngine => {
    const setup = {
      files: [],
      devices: [],
      identity: testIdentity,
      windowSeconds: 60,
      maxFlows: 1024,
      includesExcluded: false,
      tellsDevices: isService,
      control: control.buffer,
    };
    return new CaptureEngine({ ...setup, sums: new CaptureSums().buffer }, control, channel.port2, 'skip');
  };
  const take = (one: CaptureEngine): void => one.takeUpdate((network) => one.replace(network));

  it('are taken when they were sent before the thread was ready', async () => {
    const update = send(usable);
    const one = engine(true);
    take(one);
    expect(one.registry.indexOf('eni-in-vpc-1')).toBe(0);
    expect(await control.confirmed(update, 0)).toBe(true);
  });

  it('are not confirmed when they cannot be used', async () => {
    const one = engine(false);
    const refused = send(ambiguous);
    take(one);
    expect(await control.confirmed(refused, 0)).toBe(false);
    const update = send(usable);
    take(one);
    expect(await control.confirmed(update, 0)).toBe(true);
  });

  it('tell which interfaces may be without data: no captured device, none that is gone', () => {
    const coveredIn = (window: number): readonly number[] => {
      one.windowsOver([{ window, sources: sourceBit(0) }], window + 1);
      for (;;) {
        const message = receiveMessageOnPort(channel.port1)?.message as ThreadMessage;
        if (message.kind === 'windowsOver') return message.windows[0].covered;
      }
    };
    const one = engine(true);
    one.load(networkOf({ vpcs: [{ VpcId: 'vpc-1' }], networkInterfaces: [inVpc('vpc-1'), inVpc('vpc-2')] }));
    one.covered.add(0);
    one.opened(0, 0);
    one.opened(1, 0);
    expect(coveredIn(1)).toEqual([0, 1]);
    one.covered.delete(0);
    expect(coveredIn(2)).toEqual([1]);
    one.load(usable);
    expect(coveredIn(3)).toEqual([]);
  });

  it('may have VPCs with the same addresses in a service', async () => {
    const update = send(ambiguous);
    take(engine(true));
    expect(await control.confirmed(update, 0)).toBe(true);
  });
});
