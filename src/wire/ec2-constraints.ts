import { ServiceError } from '../fault/index.ts';
import type { Member, ScalarShape, Shape, StructureShape } from './model.ts';

type Structure = Readonly<Record<string, unknown>>;

/**
 * What EC2 itself checks of the model before anything else: what must be there, enumerations, and the bounds of
 * numbers. Lengths and patterns are those of each action.
 * @throws ServiceError that names the first fault
 */
export function checkEc2Input({ members, required }: StructureShape, input: object): void {
  for (const member of members) {
    const value = (input as Structure)[member.name];
    if (value !== undefined) check(value, member.shape, parameterName(member));
    else if (required?.includes(member.name)) throw missing(parameterName(member));
  }
}

/** Lists whose names within EC2 differ from those in its model. */
const innerNames: ReadonlyMap<string, string> = new Map([
  ['ResourceIds', 'resourceIdSet'],
  ['Filters', 'filterSet'],
]);

/** As EC2's errors call parameters: `maxResults`. */
function parameterName({ name }: Member): string {
  return innerNames.get(name) ?? name[0].toLowerCase() + name.slice(1);
}

function check(value: unknown, shape: Shape, parameter: string): void {
  if (shape.type === 'structure') checkEc2Input(shape, value as object);
  else if (shape.type === 'list') {
    for (const item of value as readonly unknown[]) check(item, shape.member.shape, parameter);
  } else if (shape.type !== 'map') checkScalar(value, shape, parameter);
}

/** New types of instances come faster than models. */
const openEnums: ReadonlySet<string> = new Set(['InstanceType', 'ResourceType']);

function checkScalar(value: unknown, { name, enum: known, min, max }: ScalarShape, parameter: string): void {
  if (known && !known.includes(value as string) && !openEnums.has(name)) {
    throw invalid(`Value (${value}) for parameter ${parameter} is invalid.`);
  }
  if (typeof value !== 'number') return;
  if (min !== undefined && value < min) throw outOfRange(value, parameter, `greater than ${min}`);
  if (max !== undefined && value > max) throw outOfRange(value, parameter, `less than ${max}`);
}

function missing(parameter: string): ServiceError {
  return new ServiceError('MissingParameter', `The request must contain the parameter ${parameter}`);
}

function invalid(sentence: string): ServiceError {
  return new ServiceError('InvalidParameterValue', sentence);
}

/** EC2 says "greater than 5" where 5 is allowed. */
function outOfRange(value: number, parameter: string, expected: string): ServiceError {
  return invalid(`Value ( ${value} ) for parameter ${parameter} is invalid. Expecting a value ${expected}.`);
}
