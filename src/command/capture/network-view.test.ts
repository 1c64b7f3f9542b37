import { describe, expect, it } from 'vitest';
import { testNetwork } from '../../../test/test-network.ts';
import { Coverage } from '../../flowlog/index.ts';
import { parseAddress } from '../../ip/index.ts';
import { NetworkView } from './network-view.ts';

const identity = { accountId: '123456789012', region: 'us-east-1', azId: 'use1-az1' } as const;
const peer = parseAddress('10.0.1.6')!;
const former = {
  NetworkInterfaceId: 'eni-1',
  SubnetId: 'subnet-1',
  VpcId: 'vpc-1',
  OwnerId: '123456789010',
  PrivateIpAddress: '10.0.1.5',
};
const network = (...ids: readonly string[]) =>
  testNetwork({ interfaces: ids.map((id, i) => ({ id, addresses: [`10.0.1.${5 + i}`] })) });

describe('a NetworkView of interfaces that an earlier run has seen', () => {
  it('tells their facts, and no path, also before any network is known', () => {
    const view = new NetworkView(identity, {}, () => undefined);
    const index = view.formerInterface(former);
    expect(view.facts(index)).toMatchObject({
      interfaceId: 'eni-1',
      subnetId: 'subnet-1',
      accountId: '123456789010',
    });
    expect(view.pathTo(index, 1, peer)).toEqual({});
    expect(view.interfaceOf(index)).toBe(former);
    view.load(network('eni-2', 'eni-3'));
    expect(view.registry.size).toBe(2);
    expect([view.facts(index).interfaceId, view.facts(0).interfaceId]).toEqual(['eni-1', 'eni-2']);
    expect(view.pathTo(index, 1, peer)).toEqual({});
    expect(view.formerInterface(former)).toBe(index);
  });

  it('gives the number that the interface has now', () => {
    const view = new NetworkView(identity, {}, () => undefined);
    view.load(network('eni-2', 'eni-1'));
    expect(view.formerInterface(former)).toBe(1);
  });

  it('tells of one that comes back what is true now, by both numbers', () => {
    const view = new NetworkView(identity, {}, () => undefined);
    const index = view.formerInterface(former);
    view.load(network('eni-1', 'eni-2'));
    expect(view.formerInterface(former)).toBe(index);
    expect(view.facts(index)).toBe(view.facts(0));
    expect(view.pathTo(index, 1, peer)).toEqual(view.pathTo(0, 1, peer));
    expect(view.pathTo(index, 1, peer)).toMatchObject({ nextHop: { interfaceId: 'eni-2' } });
    const coverage = new Coverage([{ ResourceId: 'eni-2' }, { ResourceId: 'eni-1' }], view);
    expect([index, 0, 1, index].map((one) => coverage.setOf(one).members)).toEqual([[1], [1], [0], [1]]);
  });

  it('counts their causes beyond those of this run', () => {
    const view = new NetworkView(identity, {}, () => undefined);
    view.addCauses(['a']);
    const [b, a] = [view.formerCause('b'), view.formerCause('a')];
    view.addCauses(['c', 'd']);
    expect([b, a, view.formerCause('b')].map((index) => view.causes[index])).toEqual(['b', 'a', 'b']);
    expect(view.formerCause('b')).toBe(b);
    expect([0, 1, 2].map((index) => view.causes[index])).toEqual(['a', 'c', 'd']);
  });
});
