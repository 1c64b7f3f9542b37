import { QueryError } from '../fault/index.ts';
import { type FilterPattern, parseFilterPattern } from '../query/index.ts';
import { errors } from './errors.ts';
import { validate } from './validation.ts';

/** @throws ServiceError `InvalidParameterException` that says where the pattern cannot be read */
export function readFilterPattern(filterPattern: string): FilterPattern {
  validate({ filterPattern }, { filterPattern: { maxLength: 1024 } });
  try {
    return parseFilterPattern(filterPattern);
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    throw errors.badFilterPattern(`${error.message}, at character ${error.start}`);
  }
}
