import type { LogGroup } from './catalog.ts';
import { changeGroup, type Engine, knownGroup } from './engine.ts';
import { errors } from './errors.ts';
import { groupArn } from './names.ts';
import type {
  LogGroupRequest,
  TagLogGroupRequest,
  TagResourceRequest,
  Tags,
  UntagLogGroupRequest,
  UntagResourceRequest,
} from './shapes.ts';
import { validate } from './validation.ts';

const maxTags = 50;
const tagPattern = '[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]';

/** @throws ServiceError for tags that a resource cannot have */
export function checkTags(tags: Tags): void {
  const entries = Object.entries(tags);
  if (entries.length > maxTags) throw errors.tooManyTags();
  for (const [key, value] of entries) {
    validate({ key, value }, { key: { minLength: 1, maxLength: 128 }, value: { maxLength: 256 } });
    if (!new RegExp(`^${tagPattern}+$`, 'u').test(key) || !new RegExp(`^${tagPattern}*$`, 'u').test(value)) {
      throw errors.invalidParameter(
        `1 validation error detected: Value '${key}=${value}' at 'tags' failed to satisfy constraint: Member must satisfy regular expression pattern: ${tagPattern}+`,
      );
    }
    if (/^aws:/i.test(key)) throw errors.invalidParameter('Tag keys that begin with aws: are reserved.');
  }
}

export async function tagResource(engine: Engine, request: TagResourceRequest): Promise<void> {
  await addTags(engine, taggedGroup(engine, request.resourceArn), request.tags);
}

export async function untagResource(engine: Engine, request: UntagResourceRequest): Promise<void> {
  await removeTags(engine, taggedGroup(engine, request.resourceArn), request.tagKeys);
}

export function listTagsForResource(
  engine: Engine,
  request: { readonly resourceArn: string },
): { readonly tags: Tags } {
  return { tags: taggedGroup(engine, request.resourceArn).tags };
}

export async function tagLogGroup(engine: Engine, request: TagLogGroupRequest): Promise<void> {
  await addTags(engine, knownGroup(engine, request.logGroupName), request.tags);
}

export async function untagLogGroup(engine: Engine, request: UntagLogGroupRequest): Promise<void> {
  await removeTags(engine, knownGroup(engine, request.logGroupName), request.tags);
}

export function listTagsLogGroup(engine: Engine, request: LogGroupRequest): { readonly tags: Tags } {
  return { tags: knownGroup(engine, request.logGroupName).tags };
}

/** These operations know the ARN without `:*` only. */
function taggedGroup(engine: Engine, resourceArn: string): LogGroup {
  const beginning = groupArn(engine, '');
  const group = engine.catalog.group(engine, resourceArn.slice(beginning.length));
  if (!group || !resourceArn.startsWith(beginning)) throw errors.resourceMissing();
  return group;
}

async function addTags(engine: Engine, group: LogGroup, added: Tags): Promise<void> {
  checkTags(added);
  const tags = { ...group.tags, ...added };
  if (Object.keys(tags).length > maxTags) throw errors.tooManyTags();
  await changeGroup(engine, group, { tags });
}

async function removeTags(engine: Engine, group: LogGroup, keys: readonly string[]): Promise<void> {
  const tags = Object.fromEntries(Object.entries(group.tags).filter(([key]) => !keys.includes(key)));
  await changeGroup(engine, group, { tags });
}
