import { ServiceError } from '../fault/index.ts';
import { checkEc2Input } from './ec2-constraints.ts';
import type {
  Constraints,
  ListShape,
  MapShape,
  Member,
  OperationModel,
  ScalarShape,
  Shape,
  StructureShape,
} from './model.ts';
import { fits } from './pattern.ts';
import { checkRestInput } from './rest-constraints.ts';
import type { Routed } from './routed.ts';

/** More than anybody reads; hostile lists would make megabytes of them. */
const mostFaults = 100;
const longestShown = 1024;

/**
 * Checks an input against its model.
 * @throws ServiceError: EC2's names the first fault, that of the other services all of them
 */
export function checkInput(routed: Routed, input: object): void {
  const { protocol, service, operation } = routed;
  if (!operation.input) return;
  if (protocol === 'ec2') {
    checkEc2Input(operation.input, input);
    return;
  }
  if (service.name === 's3') {
    checkRestInput(operation.input, input);
    return;
  }
  if (isSound(input, operation.input)) return;
  const faults: string[] = [];
  checkStructure(input as Structure, operation.input, '', faults);
  const nameFault =
    faults.length === 1 ? nameFaults[service.name]?.(operation, input as Structure) : undefined;
  if (nameFault) throw nameFault;
  const count = faults.length === 1 ? '1 validation error' : `${faults.length} validation errors`;
  const code = codes[service.name] ?? (protocol === 'query' ? 'ValidationError' : 'ValidationException');
  throw new ServiceError(code, `${count} detected: ${faults.join('; ')}`);
}

/** Services that name it otherwise than their protocol's. */
const codes: Readonly<Record<string, string>> = {
  logs: 'InvalidParameterException',
  resourcegroupstaggingapi: 'InvalidParameterException',
  s3control: 'InvalidRequest',
};

type Structure = Readonly<Record<string, unknown>>;

const iamName = '[\\w+=,.@-]+';

/** How IAM speaks of names of users, roles and policies that have the length of names but not their characters. */
function misnamed({ input: shape }: OperationModel, input: Structure): ServiceError | undefined {
  const wrong = shape?.members.find(({ name, shape }) => {
    const value = input[name];
    return shape.pattern === iamName && typeof value === 'string' && !fits(value, iamName);
  });
  if (!wrong) return undefined;
  return new ServiceError(
    'ValidationError',
    `The specified value for ${at('', wrong)} is invalid. ` +
      'It must contain only alphanumeric characters and/or the following: +=,.@_-',
  );
}

/** How Logs speaks of names that it is to give and that are too long. */
function tooLongNamed({ name }: OperationModel, input: Structure): ServiceError | undefined {
  if (name !== 'CreateLogGroup' && name !== 'CreateLogStream') return undefined;
  const names = [input.logGroupName, input.logStreamName];
  if (!names.some((each) => typeof each === 'string' && each.length > longestLogsName)) return undefined;
  return new ServiceError(
    'InvalidParameterException',
    `Invalid LogGroup or LogStream, both must have length less than or equal to ${longestLogsName}.`,
  );
}

const longestLogsName = 512;

/** A fault that is the only one, in words of the service's own. */
const nameFaults: Readonly<
  Record<string, ((operation: OperationModel, input: Structure) => ServiceError | undefined) | undefined>
> = { iam: misnamed, logs: tooLongNamed };

/** Whether nothing will be reported: told without the paths that reports need, as nearly all requests are sound. */
function isSound(value: unknown, shape: Shape): boolean {
  if (value === null) return false;
  if (shape.type === 'structure') return isSoundStructure(value as Structure, shape);
  if (faultsOf(value, shape).length > 0) return false;
  if (shape.type === 'list') {
    return (value as readonly unknown[]).every((item) => isSound(item, shape.member.shape));
  }
  if (shape.type !== 'map') return true;
  return Object.entries(value as object).every(
    ([key, held]) => isSound(key, shape.key.shape) && isSound(held, shape.value.shape),
  );
}

function isSoundStructure(value: Structure, { members, required }: StructureShape): boolean {
  return members.every(({ name, shape }) => {
    const held = value[name];
    return held === undefined ? !required?.includes(name) : isSound(held, shape);
  });
}

function checkStructure(
  value: Structure,
  { members, required }: StructureShape,
  path: string,
  faults: string[],
): void {
  for (const member of members) {
    const held = value[member.name];
    if (held !== undefined) checkValue(held, member.shape, at(path, member), faults);
    else if (required?.includes(member.name)) {
      report(faults, undefined, member.shape, at(path, member), 'Member must not be null');
    }
  }
}

/** As AWS prints members: with a small first letter. */
function at(path: string, { name }: Member): string {
  const small = name[0].toLowerCase() + name.slice(1);
  return path === '' ? small : `${path}.${small}`;
}

function checkValue(value: unknown, shape: Shape, path: string, faults: string[]): void {
  if (faults.length >= mostFaults) return;
  for (const fault of faultsOf(value, shape)) report(faults, value, shape, path, `Member must ${fault}`);
  if (shape.type === 'structure') checkStructure(value as Structure, shape, path, faults);
  else if (shape.type === 'list') checkList(value as readonly unknown[], shape, path, faults);
  else if (shape.type === 'map') checkMap(value as Structure, shape, path, faults);
}

/** Faults of plain members are told of the list, those of structures where they are. */
function checkList(value: readonly unknown[], shape: ListShape, path: string, faults: string[]): void {
  const member = shape.member.shape;
  if (isNested(member) || value.includes(null)) {
    for (const [index, item] of value.entries()) {
      const itemPath = `${path}.${index + 1}.member`;
      if (item === null) report(faults, undefined, member, itemPath, 'Member must not be null');
      else checkValue(item, member, itemPath, faults);
    }
  } else if (value.some((item) => faultsOf(item, member).length > 0)) {
    report(faults, value, shape, path, `Member must satisfy constraint: ${allOf(member)}`);
  }
}

function checkMap(value: Structure, shape: MapShape, path: string, faults: string[]): void {
  const { key, value: held } = shape;
  const keys = Object.keys(value);
  if (keys.some((each) => faultsOf(each, key.shape).length > 0)) {
    report(faults, value, shape, path, `Map keys must satisfy constraint: ${allOf(key.shape)}`);
  }
  if (isNested(held.shape)) {
    for (const each of keys) checkValue(value[each], held.shape, `${path}.${each}.member`, faults);
  } else if (Object.values(value).some((each) => faultsOf(each, held.shape).length > 0)) {
    report(faults, value, shape, path, `Map value must satisfy constraint: ${allOf(held.shape)}`);
  }
}

const isNested = ({ type }: Shape): boolean => type === 'structure' || type === 'list' || type === 'map';

/** What each entry of a list must satisfy, kept or not. */
function allOf(shape: Shape): string {
  const { min, max, pattern } = shape;
  const noun = isNumber(shape) ? 'value' : 'length';
  const must = [
    max === undefined ? [] : [`have ${noun} less than or equal to ${max}`],
    min === undefined ? [] : [`have ${noun} greater than or equal to ${min}`],
    pattern === undefined ? [] : [`satisfy regular expression pattern: ${pattern}`],
    shape.enum === undefined ? [] : [`satisfy enum value set: [${shape.enum.join(', ')}]`],
  ];
  return `[${must
    .flat()
    .map((each) => `Member must ${each}`)
    .join(', ')}]`;
}

const isNumber = ({ type }: Shape): boolean =>
  type === 'integer' || type === 'long' || type === 'float' || type === 'double';

const none: readonly string[] = [];

function faultsOf(value: unknown, shape: Shape): readonly string[] {
  if (isNumber(shape)) return boundFaults(value as number, shape, 'value');
  if (shape.type === 'string') return textFaults(value as string, shape);
  if (shape.type === 'list') return boundFaults((value as readonly unknown[]).length, shape, 'length');
  if (shape.type === 'map') return boundFaults(Object.keys(value as object).length, shape, 'length');
  if (shape.type === 'blob') return boundFaults((value as Uint8Array).length, shape, 'length');
  return none;
}

function boundFaults(amount: number, { min, max }: Constraints, noun: string): readonly string[] {
  if (max !== undefined && amount > max) return [`have ${noun} less than or equal to ${max}`];
  if (min !== undefined && !(amount >= min)) return [`have ${noun} greater than or equal to ${min}`];
  return none;
}

function textFaults(value: string, shape: ScalarShape): readonly string[] {
  const length = boundFaults(value.length, shape, 'length');
  const form = isMisformed(value, shape) ? [`satisfy regular expression pattern: ${shape.pattern}`] : none;
  const set = isUnlisted(value, shape) ? [`satisfy enum value set: [${shape.enum?.join(', ')}]`] : none;
  return form === none && set === none ? length : [...length, ...form, ...set];
}

/** What is too long is not matched: the time that patterns take is bounded by the length. */
const isMisformed = (value: string, { pattern, max }: Constraints): boolean =>
  pattern !== undefined && !(max !== undefined && value.length > max) && !fits(value, pattern);

const isUnlisted = (value: string, { enum: known }: Constraints): boolean =>
  known !== undefined && !known.includes(value);

function report(faults: string[], value: unknown, shape: Shape, path: string, must: string): void {
  if (faults.length >= mostFaults) return;
  const shown = shape.sensitive ? 'Value' : `Value ${showValue(value)}`;
  faults.push(`${shown} at '${path}' failed to satisfy constraint: ${must}`);
}

function showValue(value: unknown): string {
  if (value === undefined) return 'null';
  const text = plain(value);
  return `'${text.length > longestShown ? `${text.slice(0, longestShown)}...` : text}'`;
}

function plain(value: unknown): string {
  if (Array.isArray(value)) return `[${value.slice(0, 100).map(plain).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  // As AWS prints them. Listing a blob's bytes would take a second for each MiB.
  if (value instanceof Uint8Array) {
    return `java.nio.HeapByteBuffer[pos=0 lim=${value.length} cap=${value.length}]`;
  }
  const entries = Object.entries(value).slice(0, 100);
  return `{${entries.map(([key, held]) => `${key}=${plain(held)}`).join(', ')}}`;
}
