import { readFileSync, statSync } from 'node:fs';
import { ConfigError } from '../fault/index.ts';
import { type IpAddress, type Prefix, PrefixMap, parsePrefix } from '../ip/index.ts';

/** AWS's file is about 2 MB. */
const maxFileBytes = 64 * 1024 * 1024;

/** The names that pkt-src-aws-service and pkt-dst-aws-service may hold (AWS's page "Flow log records"). */
const serviceNames: ReadonlySet<string> = new Set([
  'AMAZON',
  'AMAZON_APPFLOW',
  'AMAZON_CONNECT',
  'API_GATEWAY',
  'AURORA_DSQL',
  'CHIME_MEETINGS',
  'CHIME_VOICECONNECTOR',
  'CLOUD9',
  'CLOUDFRONT',
  'CLOUDFRONT_ORIGIN_FACING',
  'CODEBUILD',
  'DYNAMODB',
  'EBS',
  'EC2',
  'EC2_INSTANCE_CONNECT',
  'GLOBALACCELERATOR',
  'IVS_LOW_LATENCY',
  'IVS_REALTIME',
  'KINESIS_VIDEO_STREAMS',
  'MEDIA_PACKAGE_V2',
  'ROUTE53',
  'ROUTE53_HEALTHCHECKS',
  'ROUTE53_HEALTHCHECKS_PUBLISHING',
  'ROUTE53_RESOLVER',
  'S3',
  'WORKSPACES_GATEWAYS',
]);

interface ServicePrefix {
  readonly prefix: Prefix;
  readonly service: string;
}

/**
 * Reads AWS's `ip-ranges.json`. The answer for an address is the service of the longest prefix that holds it. Where
 * services share a prefix, any other is more telling than EC2, and EC2 than AMAZON, which stands for everything;
 * of two others the first by name is shown. A service that flow logs do not name counts as AMAZON.
 * @throws ConfigError `IpRangesInvalid` naming the file and the place in it
 */
export function loadIpRanges(path: string): (address: IpAddress) => string | undefined {
  const content = readJson(path);
  const found = [
    ...servicePrefixes(path, content, 'prefixes', 'ip_prefix', 4),
    ...servicePrefixes(path, content, 'ipv6_prefixes', 'ipv6_prefix', 6),
  ];
  found.sort((a, b) => rank(a.service) - rank(b.service) || (a.service < b.service ? -1 : 1));
  const map = new PrefixMap<string>();
  // Of equal prefixes the map keeps the first.
  for (const { prefix, service } of found) map.add(prefix, service);
  return (address) => map.find(address);
}

function rank(service: string): number {
  return service === 'AMAZON' ? 2 : service === 'EC2' ? 1 : 0;
}

function readJson(path: string): unknown {
  let text: string;
  try {
    const { size } = statSync(path);
    if (size > maxFileBytes) throw invalid(path, `${size} bytes`, `at most ${maxFileBytes}`);
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw invalid(
      path,
      error instanceof Error ? error.message : String(error),
      'a file that can be read',
      error,
    );
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid(path, 'it is not JSON', "AWS's ip-ranges.json", error);
  }
}

function servicePrefixes(
  path: string,
  content: unknown,
  list: string,
  key: string,
  family: 4 | 6,
): ServicePrefix[] {
  const entries = member(content, list);
  if (!Array.isArray(entries)) throw invalid(path, `${list} is not there`, `a list "${list}"`);
  return entries.map((entry: unknown, i): ServicePrefix => {
    const text = member(entry, key);
    const prefix = typeof text === 'string' ? parsePrefix(text) : undefined;
    if (prefix?.family !== family) throw invalid(path, `${list}[${i}].${key}`, `an IPv${family} prefix`);
    const service = member(entry, 'service');
    if (typeof service !== 'string') throw invalid(path, `${list}[${i}].service`, 'the name of a service');
    return { prefix, service: serviceNames.has(service) ? service : 'AMAZON' };
  });
}

function member(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return Reflect.get(value, key);
}

function invalid(path: string, what: string, expected: string, cause?: unknown): ConfigError {
  return new ConfigError('IpRangesInvalid', `IP ranges ${path}: ${what}`, [`expected ${expected}`], {
    cause,
  });
}
