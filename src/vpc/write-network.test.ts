import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderOf, networkOf } from '../../test/network-folder.ts';
import { sharedData } from '../../test/shared-data.ts';
import { AddressNetwork, defaultLocalPrefixes } from './address-network.ts';
import { deviceNetwork } from './device-network.ts';
import { loadNetwork } from './load-network.ts';
import type { Identity } from './network.ts';
import { writeNetwork } from './write-network.ts';

const identity: Identity = { accountId: '123456789012', region: 'cn-north-1', azId: 'cnn1-az1' };
const host = deviceNetwork(
  [
    {
      name: 'eth0',
      macAddress: '52:54:00:12:34:56',
      addresses: [
        { address: '10.0.0.5', prefixLength: 24 },
        { address: 'fe80::1', prefixLength: 64 },
      ],
    },
    {
      name: 'eth1',
      addresses: [
        { address: '2001:db8::5', prefixLength: 64 },
        { address: 'fe80::1', prefixLength: 64 },
      ],
    },
    {
      name: 'wg0',
      addresses: [
        { address: '10.0.0.5', prefixLength: 32 },
        { address: 'fe80::9', prefixLength: 64 },
      ],
    },
  ],
  identity,
);

describe('writeNetwork', () => {
  it.each([
    { name: 'a host', network: host },
    { name: 'a host without devices', network: deviceNetwork([], identity) },
    { name: 'the network of a file', network: new AddressNetwork(defaultLocalPrefixes, identity).network },
    {
      name: 'one with instances, routes and prefix lists',
      network: networkOf({
        vpcs: [{ VpcId: 'vpc-1' }],
        instances: [{ InstanceId: 'i-1', Tags: [{ Key: 'Name', Value: 'web' }] }],
        routeTables: [
          {
            RouteTableId: 'rtb-1',
            VpcId: 'vpc-1',
            Routes: [{ DestinationPrefixListId: 'pl-1', GatewayId: 'vpce-1' }],
          },
        ],
        prefixLists: new Map([['pl-1', ['10.0.0.0/8', '::/0']]]),
      }),
    },
  ])('writes what loadNetwork reads: $name', ({ network }) => {
    const folder = path.join(folderOf({}), 'network');
    writeNetwork(folder, network);
    expect(loadNetwork(folder)).toEqual({ network: { ...network, origin: 'described' }, warnings: [] });
  });

  it.skipIf(!sharedData)('writes hybrid-cloud as it was read (skipped without the shared data)', () => {
    const { network, warnings } = loadNetwork(path.join(sharedData!, 'aws/hybrid-cloud'));
    const folder = folderOf({});
    writeNetwork(folder, network);
    expect(loadNetwork(folder)).toEqual({ network, warnings });
  });

  it('gives the paths', () => {
    const folder = folderOf({});
    const names = [
      'NetworkAcls',
      'NetworkInterfaces',
      'SecurityGroupRules',
      'SecurityGroups',
      'Subnets',
      'Vpcs',
    ];
    const paths = names.map((name) => path.join(folder, `${name}.json`));
    expect(writeNetwork(folder, host).sort()).toEqual(paths);
  });

  it.each([
    { name: 'one of the files', file: 'Subnets.json' },
    { name: "a file under the AWS CLI's name", file: 'describe-instances.json' },
  ])('refuses to overwrite $name', ({ file }) => {
    const folder = folderOf({ [file]: '{}' });
    expect(() => writeNetwork(folder, host)).toThrow(
      expect.objectContaining({ name: 'ConfigError', code: 'WouldOverwrite', details: [file] }),
    );
    expect(readdirSync(folder)).toEqual([file]);
  });

  it('says where it could not write', () => {
    const folder = folderOf({ file: '' });
    expect(() => writeNetwork(path.join(folder, 'file'), host)).toThrow(
      expect.objectContaining({ name: 'ConfigError', code: 'CannotWrite' }),
    );
  });
});
