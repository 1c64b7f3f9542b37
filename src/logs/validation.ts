import { errors } from './errors.ts';

/** What a member of a request must satisfy; the words are those of AWS's generic checker. */
export interface Constraint {
  readonly required?: boolean;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly min?: number;
  readonly max?: number;
  readonly oneOf?: readonly string[];
  readonly pattern?: string;
}

/**
 * Checks members of a request.
 * @throws ServiceError `InvalidParameterException` that names each fault: "2 validation errors detected: …; …"
 */
export function validate(request: object, constraints: Readonly<Record<string, Constraint>>): void {
  const faults = Object.entries(constraints).flatMap(([member, constraint]) => {
    const value: unknown = (request as Readonly<Record<string, unknown>>)[member];
    return faultsOf(value, constraint).map(
      (fault) =>
        `Value ${showValue(value)} at '${member}' failed to satisfy constraint: Member must ${fault}`,
    );
  });
  if (faults.length === 0) return;
  const count = faults.length === 1 ? '1 validation error' : `${faults.length} validation errors`;
  throw errors.invalidParameter(`${count} detected: ${faults.join('; ')}`);
}

function faultsOf(value: unknown, constraint: Constraint): string[] {
  if (value === undefined || value === null) return constraint.required ? ['not be null'] : [];
  if (typeof value === 'number') return numberFaults(value, constraint);
  if (typeof value === 'string')
    return [...lengthFaults(value.length, constraint), ...textFaults(value, constraint)];
  return Array.isArray(value) ? lengthFaults(value.length, constraint) : [];
}

/** All numbers that operations are given are whole. */
function numberFaults(value: number, { min, max }: Constraint): string[] {
  if (!Number.isSafeInteger(value)) return ['be a whole number'];
  if (min !== undefined && !(value >= min)) return [`have value greater than or equal to ${min}`];
  if (max !== undefined && !(value <= max)) return [`have value less than or equal to ${max}`];
  return [];
}

function lengthFaults(length: number, { minLength, maxLength }: Constraint): string[] {
  if (minLength !== undefined && length < minLength) {
    return [`have length greater than or equal to ${minLength}`];
  }
  if (maxLength !== undefined && length > maxLength)
    return [`have length less than or equal to ${maxLength}`];
  return [];
}

function textFaults(value: string, { oneOf, pattern }: Constraint): string[] {
  if (oneOf && !oneOf.includes(value)) return [`satisfy enum value set: [${oneOf.join(', ')}]`];
  if (pattern !== undefined && !new RegExp(`^(?:${pattern})$`).test(value)) {
    return [`satisfy regular expression pattern: ${pattern}`];
  }
  return [];
}

/** Whole, unless it is too long to be read. */
function showValue(value: unknown): string {
  if (value === undefined || value === null) return 'null';
  const text = Array.isArray(value) ? `[${value.slice(0, 100).map(showItem).join(', ')}]` : String(value);
  return `'${text.length > 1024 ? `${text.slice(0, 1024)}...` : text}'`;
}

const showItem = (item: unknown): string => (typeof item === 'object' ? JSON.stringify(item) : String(item));
