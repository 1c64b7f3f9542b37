import { ServiceError } from '../../fault/index.ts';
import { parsePolicy, resolvePrincipals } from '../../iam/index.ts';
import type { ResourceView } from '../../resource/index.ts';
import { bucketArn } from './access.ts';
import { s3Errors } from './errors.ts';
import { isKnownAction, isObjectAction } from './policy-actions.ts';

type Json = unknown;
type Statement = Readonly<Record<string, Json>>;

/** "Bucket policies are limited to 20 KB in size." */
const maxBytes = 20 * 1024;

/**
 * A bucket's policy, as S3 checks it: grammar, principals that exist, resources of this bucket, actions of S3 that mean
 * them.
 * @throws ServiceError `MalformedPolicy`
 */
export function checkBucketPolicy(text: string, bucket: string, view: ResourceView): void {
  if (Buffer.byteLength(text) > maxBytes) {
    throw s3Errors.malformedPolicy('Policy exceeds the maximum allowed document size.');
  }
  for (const statement of statementsOf(text)) checkStatement(statement, bucket);
  inS3sWords(() => {
    parsePolicy(text, 'resource');
    resolvePrincipals(text, view);
  });
}

function statementsOf(text: string): readonly Statement[] {
  const document = parsed(text);
  const unknown = Object.keys(document).find((name) => !['Version', 'Id', 'Statement'].includes(name));
  if (unknown !== undefined) throw s3Errors.malformedPolicy(`Unknown field ${unknown}`);
  if (document.Statement === undefined) throw s3Errors.malformedPolicy('Missing required field Statement');
  const statements = listOf(document.Statement);
  if (statements.length === 0) {
    throw s3Errors.malformedPolicy('Could not parse the policy: Statement is empty!');
  }
  return statements.map((statement) => {
    if (typeof statement === 'object' && statement !== null) return statement as Statement;
    throw s3Errors.malformedPolicy('Invalid policy syntax.');
  });
}

function parsed(text: string): Statement {
  try {
    const document: Json = JSON.parse(text);
    if (text.startsWith('{') && typeof document === 'object') return document as Statement;
  } catch {
    // Told below: what is no JSON is refused as what is no object.
  }
  throw s3Errors.malformedPolicy("Policies must be valid JSON and the first byte must be '{'");
}

function checkStatement(statement: Statement, bucket: string): void {
  const { Effect, Principal, NotPrincipal, Action, NotAction, Resource, NotResource } = statement;
  if (Effect === undefined) throw s3Errors.malformedPolicy('Missing required field Effect');
  if (Effect !== 'Allow' && Effect !== 'Deny') {
    throw s3Errors.malformedPolicy(`Invalid effect : ${String(Effect)}`);
  }
  if (Principal === undefined && NotPrincipal === undefined) {
    throw s3Errors.malformedPolicy('Missing required field Principal');
  }
  const actions = listOf(Action ?? NotAction).map(String);
  if (actions.length === 0) throw s3Errors.malformedPolicy('Missing required field Action');
  const resources = listOf(Resource ?? NotResource).map(String);
  if (resources.length === 0) throw s3Errors.malformedPolicy('Missing required field Resource');
  if (!actions.every(isKnownAction)) throw s3Errors.malformedPolicy('Policy has invalid action');
  if (!resources.every((resource) => isOfBucket(resource, bucket))) {
    throw s3Errors.malformedPolicy('Policy has invalid resource');
  }
  if (Action === undefined || Resource === undefined) return;
  if (!actions.every((action) => resources.some((resource) => canMean(action, resource, bucket)))) {
    throw s3Errors.malformedPolicy('Action does not apply to any resource(s) in statement');
  }
}

function isOfBucket(resource: string, bucket: string): boolean {
  const arn = bucketArn(bucket);
  return resource.startsWith(arn) && /^(?:$|[/*?])/.test(resource.slice(arn.length));
}

/** What is about objects does not mean the bucket itself, and the other way round. */
function canMean(action: string, resource: string, bucket: string): boolean {
  if (/[*?]/.test(action)) return true;
  const rest = resource.slice(bucketArn(bucket).length);
  return isObjectAction(action) ? rest !== '' : rest === '' || rest.startsWith('*');
}

/** IAM's faults of what is left, as S3 tells them. */
function inS3sWords(check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const { message } = error;
    throw s3Errors.malformedPolicy(
      message.startsWith('Invalid principal in policy') ? 'Invalid principal in policy' : message,
    );
  }
}

function listOf(json: Json): readonly Json[] {
  if (json === undefined) return [];
  return Array.isArray(json) ? json : [json];
}
