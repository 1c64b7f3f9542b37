import { ServiceError } from '../../fault/index.ts';
import type { Call } from '../action.ts';

/** IAM's errors, by its codes. */
export const errors = {
  noSuchEntity: (sentence: string) => new ServiceError('NoSuchEntity', sentence, { status: 404 }),
  entityAlreadyExists: (sentence: string) =>
    new ServiceError('EntityAlreadyExists', sentence, { status: 409 }),
  deleteConflict: (sentence: string) => new ServiceError('DeleteConflict', sentence, { status: 409 }),
  limitExceeded: (sentence: string) => new ServiceError('LimitExceeded', sentence, { status: 409 }),
  overQuota: (quota: string, most: number) =>
    new ServiceError('LimitExceeded', `Cannot exceed quota for ${quota}: ${most}`, { status: 409 }),
  invalidInput: (sentence: string) => new ServiceError('InvalidInput', sentence),
  notAttachable: (arn: string) =>
    new ServiceError('PolicyNotAttachable', `Cannot attach a Service Role Policy to a Customer Role: ${arn}`),
  /** What nobody may, whatever his policies say. */
  accessDenied: ({ caller, action }: Call, resource: string) =>
    new ServiceError(
      'AccessDenied',
      `User: ${caller.arn} is not authorized to perform: iam:${action} on resource: ${resource}`,
      { status: 403 },
    ),
  invalidToken: () =>
    new ServiceError('InvalidClientTokenId', 'The security token included in the request is invalid.', {
      status: 403,
    }),
  validation: (sentence: string) => new ServiceError('ValidationError', sentence),
  unmodifiable: (roleName: string) =>
    new ServiceError(
      'UnmodifiableEntity',
      `Cannot perform the operation on the protected role '${roleName}' - this role is only modifiable by AWS`,
    ),
} as const;
