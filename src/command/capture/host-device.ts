import type { Device } from '../../capture/index.ts';
import type { DeviceSource } from './options.ts';

/** Whether a device is a network interface of this host, captured or not: a mirror port is none. */
export function isOfHost(
  { name, notCaptured }: Pick<Device, 'name' | 'notCaptured'>,
  sources: readonly DeviceSource[],
): boolean {
  const source = sources.find((one) => one.name === name);
  return source ? source.vantage === 'host' : notCaptured === undefined;
}
