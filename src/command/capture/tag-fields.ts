import { ConfigError } from '../../fault/index.ts';
import type { LogFormat, TagKeys } from '../../record/index.ts';

const resourceTypes = ['network-interface', 'instance', 'auto-scaling-group'] as const;

/**
 * Reads `TagFieldSpecifications` in the shorthand of the AWS CLI, one for each resource type:
 * `ResourceType=instance,TagKeys=Name,Owner`. A format with tag fields needs them, as at AWS.
 */
export function parseTagFieldSpecifications(texts: readonly string[], format: LogFormat): TagKeys {
  const keys: Record<string, readonly string[]> = {};
  for (const text of texts) {
    const match = /^ResourceType=([a-z-]+),TagKeys=([^,]{1,128})(?:,([^,]{1,128}))?$/.exec(text);
    if (!match || !resourceTypes.some((type) => type === match[1])) {
      throw new ConfigError(
        'InvalidParameter',
        `--tag-field-specifications: found ${JSON.stringify(text)}, expected ResourceType=${resourceTypes.join('|')},TagKeys=KEY[,KEY]`,
      );
    }
    keys[match[1]] = match[3] === undefined ? [match[2]] : [match[2], match[3]];
  }
  const hasTagField = format.fields.some(({ token }) => /^(instance|interface|asg)-tag(-2)?$/.test(token));
  if (hasTagField && texts.length === 0) {
    throw new ConfigError(
      'InvalidParameter',
      'The TagFieldSpecifications parameter must be set when including tag fields in the log format',
    );
  }
  return keys;
}
