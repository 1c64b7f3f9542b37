import type { TagFieldSpecificationRequest } from '@aws-sdk/client-ec2';
import { ConfigError } from '../../fault/index.ts';
import type { FlowLogResource } from '../../flowlog/index.ts';
import { defaultLogFormat, parseLogFormat } from '../../record/index.ts';
import { flowLogErrors } from './flow-logs-errors.ts';

/** `${…}` tokens joined by one space each, and nothing else. */
const formatForm = /^\$\{[^{}\s]+\}(?: \$\{[^{}\s]+\})*$/;

/** Fields of transit gateway flow logs, in the order of AWS's default format for them, which is all of them. */
const transitGatewayFields = [
  'version',
  'resource-type',
  'account-id',
  'tgw-id',
  'tgw-attachment-id',
  'tgw-src-vpc-account-id',
  'tgw-dst-vpc-account-id',
  'tgw-src-vpc-id',
  'tgw-dst-vpc-id',
  'tgw-src-subnet-id',
  'tgw-dst-subnet-id',
  'tgw-src-eni',
  'tgw-dst-eni',
  'tgw-src-az-id',
  'tgw-dst-az-id',
  'tgw-pair-attachment-id',
  'srcaddr',
  'dstaddr',
  'srcport',
  'dstport',
  'protocol',
  'packets',
  'bytes',
  'start',
  'end',
  'log-status',
  'type',
  'packets-lost-no-route',
  'packets-lost-blackhole',
  'packets-lost-mtu-exceeded',
  'packets-lost-ttl-expired',
  'tcp-flags',
  'region',
  'flow-direction',
  'pkt-src-aws-service',
  'pkt-dst-aws-service',
] as const;

/**
 * The format as it is kept and described.
 * @throws ServiceError `InvalidParameterValue` for what is no format, `InvalidParameter` for fields that there are not
 */
export function formatOf(format: string | undefined, isTransitGateway: boolean): string {
  if (format === undefined || format === '') {
    return isTransitGateway
      ? transitGatewayFields.map((field) => `\${${field}}`).join(' ')
      : defaultLogFormat.text;
  }
  if (!formatForm.test(format)) throw flowLogErrors.invalidFormat(format);
  if (isTransitGateway) checkTransitGatewayFields(tokensOf(format));
  else checkFields(format);
  return format;
}

function tokensOf(format: string): string[] {
  return format.split(' ').map((token) => token.slice(2, -1));
}

function checkFields(format: string): void {
  try {
    parseLogFormat(format);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw flowLogErrors.unknownField([error.message, ...error.details].join('; '));
  }
}

function checkTransitGatewayFields(tokens: readonly string[]): void {
  const known: ReadonlySet<string> = new Set(transitGatewayFields);
  const unknown = tokens.find((token) => !known.has(token));
  if (unknown !== undefined) {
    throw flowLogErrors.unknownField(`${unknown} is no field of transit gateway flow logs`);
  }
  const twice = tokens.find((token, at) => tokens.indexOf(token) !== at);
  if (twice !== undefined) throw flowLogErrors.unknownField(`field ${twice} is there twice`);
}

/** What the tag fields of a format show the tags of. */
const tagFields: Readonly<Record<string, string>> = {
  instance: 'instance',
  interface: 'network-interface',
  asg: 'auto-scaling-group',
};

const keyCharacters = 128;

/** Whether a format shows tags: then the service reads them in the name of its own role. */
export function hasTagFields(format: string): boolean {
  return tagFieldsOf(format).length > 0;
}

interface TagField {
  readonly token: string;
  readonly resourceType: string;
  /** 1 or 2: which of the keys. */
  readonly key: number;
}

function tagFieldsOf(format: string): TagField[] {
  return tokensOf(format).flatMap((token) => {
    const [, of, second] = /^(instance|interface|asg)-tag(-2)?$/.exec(token) ?? [];
    if (of === undefined) return [];
    return [{ token, resourceType: tagFields[of], key: second === undefined ? 1 : 2 }];
  });
}

/**
 * The keys of the tags that a format shows: one entry for each type of resource, with one or two keys each.
 * @throws ServiceError `InvalidParameter`
 */
export function tagKeysOf(
  given: readonly TagFieldSpecificationRequest[] | undefined,
  format: string,
): Pick<FlowLogResource, 'TagFieldSpecifications'> {
  const specifications = given ?? [];
  const wanted = tagFieldsOf(format);
  if (wanted.length > 0 && specifications.length === 0) throw flowLogErrors.tagFieldsWithoutKeys();
  const keys = new Map<string, readonly string[]>();
  for (const { ResourceType = '', TagKeys = [] } of specifications) {
    checkSpecification(ResourceType, TagKeys);
    if (keys.has(ResourceType)) throw flowLogErrors.invalidTagFields(`${ResourceType} is there twice`);
    keys.set(ResourceType, TagKeys);
  }
  for (const { token, resourceType, key } of wanted) {
    if ((keys.get(resourceType)?.length ?? 0) < key)
      throw flowLogErrors.tagFieldWithoutKey(token, resourceType);
  }
  if (keys.size === 0) return {};
  return {
    TagFieldSpecifications: specifications.map(({ ResourceType, TagKeys = [] }) => ({
      ...(ResourceType ? { ResourceType } : {}),
      TagKeys: [...TagKeys],
    })),
  };
}

function checkSpecification(resourceType: string, keys: readonly string[]): void {
  const types = Object.values(tagFields);
  if (!types.includes(resourceType)) {
    throw flowLogErrors.invalidTagFields(`ResourceType must be one of ${types.join(', ')}`);
  }
  if (keys.length < 1 || keys.length > 2) {
    throw flowLogErrors.invalidTagFields(`${resourceType} must have one or two tag keys`);
  }
  if (keys.some((key) => key === '' || [...key].length > keyCharacters)) {
    throw flowLogErrors.invalidTagFields(`a tag key has 1 to ${keyCharacters} characters`);
  }
}
