import { ServiceError } from '../../fault/index.ts';
import { peerKey, protocolName, type RuleTerms } from '../../vpc/index.ts';

/** `the specified rule "peer: 10.0.0.0/8, TCP, from port: 22, to port: 22, ALLOW" already exists` */
export function duplicateRule(rule: RuleTerms): ServiceError {
  const text = `peer: ${peerKey(rule)}, ${trafficText(rule)}, ALLOW`;
  return new ServiceError('InvalidPermission.Duplicate', `the specified rule "${text}" already exists`);
}

function trafficText({ IpProtocol = '-1', FromPort, ToPort }: RuleTerms): string {
  const protocol = protocolName(IpProtocol);
  if (protocol === '-1') return 'ALL';
  if (protocol === 'tcp' || protocol === 'udp') {
    return `${protocol.toUpperCase()}, from port: ${FromPort}, to port: ${ToPort}`;
  }
  if (protocol === 'icmp' || protocol === 'icmpv6') {
    return `${protocol.toUpperCase()}, type: ${typeText(FromPort)}, code: ${typeText(ToPort)}`;
  }
  return `protocol: ${protocol}`;
}

function typeText(value: number | undefined): string {
  return value === undefined || value === -1 ? 'ALL' : `${value}`;
}
