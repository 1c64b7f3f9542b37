type Json = unknown;

/** Conditions whose fixed values keep a statement from being public: "The meaning of 'public'", in small letters. */
const narrowingKeys: ReadonlySet<string> = new Set([
  'aws:sourcearn',
  'aws:sourcevpc',
  'aws:sourcevpce',
  'aws:sourceowner',
  'aws:sourceaccount',
  'aws:userid',
  'aws:principalorgid',
  'aws:principalorgpaths',
  'aws:principalaccount',
  'aws:principalarn',
  'aws:sourceorgid',
  'aws:sourceorgpaths',
  's3:dataaccesspointarn',
  's3:dataaccesspointaccount',
  's3:x-amz-server-side-encryption-aws-kms-key-id',
]);
/** Operators that hold for the values themselves; those with `IfExists`, and `ForAllValues`, also hold for none. */
const narrowingOperator = /^(?:foranyvalue:)?(?:string(?:equals|like|equalsignorecase)|arn(?:equals|like))$/;

/**
 * Whether a bucket's policy gives anybody something: an Allow for all principals that no condition narrows to fixed
 * values.
 * @param text JSON of a policy
 */
export function isPublicPolicy(text: string): boolean {
  const { Statement } = JSON.parse(text) as { readonly Statement?: Json };
  return listOf(Statement).some((statement) => isPublicStatement(objectOf(statement)));
}

function isPublicStatement(statement: Readonly<Record<string, Json>>): boolean {
  if (statement.Effect !== 'Allow') return false;
  const isForAll =
    statement.NotPrincipal !== undefined ||
    statement.Principal === '*' ||
    listOf(objectOf(statement.Principal).AWS).some((each) => String(each).includes('*'));
  return isForAll && !isNarrowed(objectOf(statement.Condition));
}

function isNarrowed(condition: Readonly<Record<string, Json>>): boolean {
  return Object.entries(condition).some(([operator, keys]) =>
    Object.entries(objectOf(keys)).some(([key, values]) =>
      isNarrow(operator.toLowerCase(), key.toLowerCase(), listOf(values).map(String)),
    ),
  );
}

function isNarrow(operator: string, key: string, values: readonly string[]): boolean {
  if (values.length === 0) return false;
  if (operator === 'ipaddress' && key === 'aws:sourceip') return values.every(isNarrowBlock);
  if (!narrowingOperator.test(operator) || !narrowingKeys.has(key)) return false;
  const isLike = operator.endsWith('like');
  return values.every((value) => !value.includes('${') && (!isLike || isFixed(key, value)));
}

/** An ARN is fixed when it names its account. */
function isFixed(key: string, value: string): boolean {
  if (!/[*?]/.test(value)) return true;
  if (!key.endsWith('arn')) return false;
  const parts = value.split(':');
  return parts.length > 5 && !/[*?]/.test(parts.slice(0, 3).join(':')) && /^\d{12}$/.test(parts[4]);
}

/** Wider ones than /8, of IPv6 than /32, are as good as everybody. */
function isNarrowBlock(block: string): boolean {
  const [address, length] = block.split('/');
  if (length === undefined) return true;
  return Number(length) >= (address.includes(':') ? 32 : 8);
}

function listOf(json: Json): readonly Json[] {
  if (json === undefined) return [];
  return Array.isArray(json) ? json : [json];
}

function objectOf(json: Json): Readonly<Record<string, Json>> {
  return typeof json === 'object' && json !== null ? (json as Readonly<Record<string, Json>>) : {};
}
