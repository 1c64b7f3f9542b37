import { ConfigError } from '../fault/index.ts';

/** Where the destinations live whose ARN matches: at AWS, or at something that speaks its protocols. */
export interface DestinationRule {
  /** An ARN, in which `*` stands for any text and `?` for any character. */
  readonly match: string;
  /** `https://s3.example.org`; AWS's own when absent. */
  readonly endpoint?: string;
  /** Of the ARN when absent; of the account at home where that has none. */
  readonly region?: string;
  /** Of the shared configuration files; the SDK's default chain of credentials when absent. */
  readonly profile?: string;
  /** Whether the bucket is in the path instead of the host's name. */
  readonly forcePathStyle?: boolean;
  /** Whether uploads carry a checksum that S3 did not always know; `WHEN_SUPPORTED` when absent, as the SDK does. */
  readonly checksums?: RequestChecksums;
}

export type RequestChecksums = (typeof requestChecksums)[number];

const requestChecksums = ['WHEN_SUPPORTED', 'WHEN_REQUIRED'] as const;
/** More are no configuration that a person keeps. */
const mostRules = 1000;
const longestText = 2048;

/**
 * @param where the file and the key path of the list: `/etc/headgate.json: $.destinations`
 * @throws ConfigError `InvalidConfig`, with the key path, what is there and what may be there
 */
export function parseDestinationRules(value: unknown, where: string): readonly DestinationRule[] {
  if (!Array.isArray(value)) throw invalid(where, value, 'a list of {"match": "arn:aws:s3:::…", …}');
  if (value.length > mostRules) throw fault(where, `${value.length} entries`, `at most ${mostRules}`);
  return value.map((entry, i) => parseRule(entry, `${where}[${i}]`));
}

/** The first rule that matches; undefined: the destination is Headgate's own. */
export function destinationRuleOf(
  rules: readonly DestinationRule[],
  arn: string,
): DestinationRule | undefined {
  // A rule that names a bucket is about its folders as well.
  const bucket = /^arn:[^:]*:s3:::[^/]+/.exec(arn)?.[0];
  return rules.find(({ match }) => matches(match, arn) || (bucket !== undefined && matches(match, bucket)));
}

type Member = (value: unknown, where: string) => unknown;

const members: { readonly [Name in keyof DestinationRule]-?: Member } = {
  match: (value, where) => {
    // A partition alone may match everything of it.
    if (isText(value) && /^(?:arn:|\*)/.test(value)) return value;
    throw invalid(where, value, 'an ARN, with * and ? as wildcards, as "arn:aws:s3:::corp-*"');
  },
  endpoint: (value, where) => {
    if (isText(value) && isEndpoint(value)) return value;
    throw invalid(
      where,
      value,
      'the URL of a server, as "https://s3.example.org" or "http://127.0.0.1:9000"',
    );
  },
  region: (value, where) => {
    if (isText(value) && /^[a-z0-9-]{1,64}$/.test(value)) return value;
    throw invalid(where, value, 'a Region, as "eu-central-1"');
  },
  profile: (value, where) => {
    if (isText(value)) return value;
    throw invalid(where, value, 'the name of a profile in the AWS configuration files');
  },
  forcePathStyle: (value, where) => {
    if (typeof value === 'boolean') return value;
    throw invalid(where, value, 'true or false');
  },
  checksums: (value, where) => {
    if (requestChecksums.some((known) => known === value)) return value;
    throw invalid(where, value, requestChecksums.map((known) => JSON.stringify(known)).join(' or '));
  },
};

function parseRule(entry: unknown, where: string): DestinationRule {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
    throw invalid(where, entry, 'an object, as {"match": "arn:aws:s3:::corp-*"}');
  }
  const names = Object.keys(members);
  for (const name of Object.keys(entry)) {
    if (!names.includes(name)) throw fault(`${where}.${name}`, 'an unknown member', names.join(', '));
  }
  if (!Object.hasOwn(entry, 'match')) throw invalid(`${where}.match`, undefined, 'an ARN; it is required');
  const parsed = Object.entries(entry).map(([name, value]) => {
    const parse = members[name as keyof DestinationRule];
    return [name, parse(value, `${where}.${name}`)];
  });
  return Object.fromEntries(parsed) as DestinationRule;
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= longestText;
}

function isEndpoint(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, search, hash } = new URL(text);
  // What is in there otherwise would end up in logs.
  return /^https?:$/.test(protocol) && `${username}${password}${search}${hash}` === '';
}

/** The last `*` takes one more character whenever what follows it does not fit: no going back further than that. */
function matches(pattern: string, text: string): boolean {
  let at = 0;
  let star = -1;
  let from = 0;
  for (let i = 0; i < text.length; ) {
    if (pattern[at] === '*') {
      star = at++;
      from = i;
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === text[i])) {
      at++;
      i++;
    } else if (star >= 0) {
      at = star + 1;
      i = ++from;
    } else return false;
  }
  while (pattern[at] === '*') at++;
  return at === pattern.length;
}

function invalid(where: string, found: unknown, expected: string): ConfigError {
  return fault(where, shown(found), expected);
}

function fault(where: string, found: string, expected: string): ConfigError {
  return new ConfigError('InvalidConfig', `${where}: found ${found}, expected ${expected}`);
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
