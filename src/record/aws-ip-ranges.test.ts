import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAddress } from '../ip/index.ts';
import { loadIpRanges } from './aws-ip-ranges.ts';

const prefix = (ip_prefix: string, service: string) => ({ ip_prefix, region: 'us-east-1', service });
const published = {
  syncToken: '1',
  prefixes: [
    prefix('52.0.0.0/8', 'AMAZON'),
    prefix('52.95.0.0/16', 'EC2'),
    prefix('52.95.128.0/21', 'AMAZON'),
    prefix('52.95.128.0/21', 'EC2'),
    prefix('52.95.128.0/21', 'S3'),
    prefix('52.95.160.0/24', 'EC2'),
    prefix('52.95.160.0/24', 'AMAZON'),
    prefix('52.95.170.0/24', 'S3'),
    prefix('52.95.170.0/24', 'CLOUDFRONT'),
    prefix('52.95.180.0/24', 'NEW_SERVICE'),
  ],
  ipv6_prefixes: [{ ipv6_prefix: '2600:1f00::/24', service: 'EC2' }],
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'headgate-ranges-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(content: string): string {
  const file = path.join(folder, 'ip-ranges.json');
  writeFileSync(file, content);
  return file;
}

describe('loadIpRanges', () => {
  it.each([
    { name: 'no prefix', address: '8.8.8.8', service: undefined },
    { name: 'the widest', address: '52.1.2.3', service: 'AMAZON' },
    { name: 'the longer', address: '52.95.1.1', service: 'EC2' },
    { name: 'three on one prefix', address: '52.95.128.179', service: 'S3' },
    { name: 'EC2 before AMAZON', address: '52.95.160.1', service: 'EC2' },
    { name: 'the first by name', address: '52.95.170.1', service: 'CLOUDFRONT' },
    { name: 'a name that records do not have', address: '52.95.180.1', service: 'AMAZON' },
    { name: 'IPv6', address: '2600:1f18::1', service: 'EC2' },
    { name: 'no IPv6 prefix', address: '2001:db8::1', service: undefined },
  ])('$name', ({ address, service }) => {
    const awsService = loadIpRanges(fileOf(JSON.stringify(published)));
    expect(awsService(parseAddress(address)!)).toBe(service);
  });

  const two = { prefixes: [prefix('10.0.0.0/8', 'S3'), prefix('10.0.0.0/33', 'S3')], ipv6_prefixes: [] };
  it.each([
    { name: 'no JSON', content: '{', message: 'not JSON' },
    { name: 'null', content: 'null', message: 'prefixes is not there' },
    { name: 'one list only', content: '{"prefixes": []}', message: 'ipv6_prefixes is not there' },
    { name: 'a bad prefix', content: JSON.stringify(two), message: 'prefixes[1].ip_prefix' },
    {
      name: 'the wrong family',
      content: '{"prefixes": [], "ipv6_prefixes": [{"ipv6_prefix": "10.0.0.0/8"}]}',
      message: 'ipv6_prefixes[0].ipv6_prefix',
    },
    {
      name: 'no service',
      content: '{"prefixes": [{"ip_prefix": "10.0.0.0/8"}], "ipv6_prefixes": []}',
      message: 'prefixes[0].service',
    },
  ])('refuses $name', ({ content, message }) => {
    expect(() => loadIpRanges(fileOf(content))).toThrow(
      expect.objectContaining({ code: 'IpRangesInvalid', message: expect.stringContaining(message) }),
    );
  });

  it('refuses a file that is not there', () => {
    expect(() => loadIpRanges(path.join(folder, 'none.json'))).toThrow(/none\.json: ENOENT/);
  });
});
