import { ServiceError } from '../../fault/index.ts';
import type { AnyResourceType } from './resource-types.ts';

/** EC2's errors: codes as its list of error codes has them, sentences as its users quote them. */
export const ec2Errors = {
  /** All ids that nobody has, in one error. */
  notFound({ notFound, missing, missingSeveral }: AnyResourceType, ids: readonly string[]): ServiceError {
    const sentence = ids.length > 1 && missingSeveral ? missingSeveral(ids.join(', ')) : missing(ids[0]);
    return new ServiceError(notFound, sentence);
  },

  malformed({ malformed, notFound, missing, idPrefix }: AnyResourceType, id: string): ServiceError {
    if (!malformed) return new ServiceError(notFound, missing(id));
    return new ServiceError(malformed, `Invalid id: "${id}" (expecting "${idPrefix}-...")`);
  },

  /** Of a resource that others use: `subnet`, `vpc`, `routeTable`, `internetGateway`, `networkAcl`. */
  hasDependencies(noun: string, id: string): ServiceError {
    return dependencyViolation(`The ${noun} '${id}' has dependencies and cannot be deleted.`);
  },

  dependencyViolation,

  missingParameter(name: string): ServiceError {
    return new ServiceError('MissingParameter', `The request must contain the parameter ${name}`);
  },

  invalidValue(sentence: string): ServiceError {
    return new ServiceError('InvalidParameterValue', sentence);
  },

  /** `Value (10.0.0.0) for parameter cidrBlock is invalid. This is not a valid CIDR block.` */
  invalidParameterValue(value: string, parameter: string, because: string): ServiceError {
    return new ServiceError(
      'InvalidParameterValue',
      `Value (${value}) for parameter ${parameter} is invalid. ${because}`,
    );
  },

  invalidCombination(sentence: string): ServiceError {
    return new ServiceError('InvalidParameterCombination', sentence);
  },

  invalidNextToken(token: string): ServiceError {
    return new ServiceError('InvalidNextToken', `The token '${token}' is invalid`);
  },

  incorrectState(sentence: string): ServiceError {
    return new ServiceError('IncorrectState', sentence);
  },

  operationNotPermitted(sentence: string): ServiceError {
    return new ServiceError('OperationNotPermitted', sentence);
  },

  /** What a service made for its own resource: its users may look at it only. */
  requesterManaged(id: string): ServiceError {
    return ec2Errors.operationNotPermitted(`You are not allowed to manage '${id}'.`);
  },

  limitExceeded(code: string, sentence: string): ServiceError {
    return new ServiceError(code, sentence);
  },

  idempotencyMismatch(): ServiceError {
    return new ServiceError(
      'IdempotentParameterMismatch',
      'The client token you have provided is associated with a resource whose parameters are different.',
    );
  },

  tagLimit(): ServiceError {
    return new ServiceError(
      'TagLimitExceeded',
      'The maximum number of Tags for a resource has been reached.',
    );
  },

  invalidId(id: string): ServiceError {
    return new ServiceError('InvalidID', `The ID '${id}' is not valid`);
  },
} as const;

function dependencyViolation(sentence: string): ServiceError {
  return new ServiceError('DependencyViolation', sentence);
}
