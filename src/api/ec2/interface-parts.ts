import { randomBytes } from 'node:crypto';

/** A MAC address of the locally administered kind, as AWS gives to its interfaces. */
export function newMac(): string {
  const bytes = randomBytes(6);
  bytes[0] = 0x02;
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
}

/** `ip-10-0-0-5.ec2.internal` in us-east-1, `ip-10-0-0-5.eu-west-1.compute.internal` elsewhere. */
export function privateDnsName(address: string, region: string): string {
  const domain = region === 'us-east-1' ? 'ec2.internal' : `${region}.compute.internal`;
  return `ip-${address.replaceAll('.', '-')}.${domain}`;
}

/** `ec2-203-0-113-5.compute-1.amazonaws.com` in us-east-1. */
export function publicDnsName(address: string, region: string): string {
  const domain = region === 'us-east-1' ? 'compute-1' : `${region}.compute`;
  return `ec2-${address.replaceAll('.', '-')}.${domain}.amazonaws.com`;
}
