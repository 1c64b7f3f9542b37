import { expect, it } from 'vitest';
import type { Device } from '../../capture/index.ts';
import { isOfHost } from './host-device.ts';
import type { DeviceSource } from './options.ts';

const sources: DeviceSource[] = [
  { name: 'eth0', vantage: 'host' },
  { name: 'br0', vantage: 'host' },
  { name: 'mirror0', vantage: 'wire' },
];

it.each<[string, string, Device['notCaptured'], boolean]>([
  ['a device that is asked for', 'eth0', undefined, true],
  ['a device that is asked for and would not be captured by itself', 'br0', 'no address', true],
  ['a device that is not asked for', 'eth1', undefined, true],
  ['a device that is not asked for, nor would be', 'lo', 'loopback', false],
  ['a mirror port', 'mirror0', undefined, false],
])('%s: %s', (_, name, notCaptured, expected) => {
  expect(isOfHost({ name, ...(notCaptured ? { notCaptured } : {}) }, sources)).toBe(expected);
});
