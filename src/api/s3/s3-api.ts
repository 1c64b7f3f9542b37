import type { ServiceApi } from '../action.ts';
import { absentActions } from './absent-settings.ts';
import { aclActions } from './acls.ts';
import { policyActions } from './bucket-policy.ts';
import { settingsActions } from './bucket-settings.ts';
import { bucketActions } from './buckets.ts';
import { objectActions } from './objects.ts';
import type { S3Parts } from './parts.ts';
import { refusedActions } from './refused-settings.ts';
import { taggingActions } from './tagging.ts';

/** Amazon S3's API, over buckets as resources and objects in a folder. */
export function s3Api(parts: S3Parts): ServiceApi {
  return {
    service: 's3',
    actions: {
      ...bucketActions(parts),
      ...objectActions(parts),
      ...taggingActions(parts),
      ...aclActions(parts),
      ...policyActions(parts),
      ...settingsActions(parts),
      ...absentActions(parts),
      ...refusedActions(parts),
    },
  };
}
