import { ServiceError } from '../fault/index.ts';

export function malformedPolicy(sentence: string): ServiceError {
  return new ServiceError('MalformedPolicyDocument', sentence, { status: 400 });
}
