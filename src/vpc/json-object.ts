import { type Findings, shown } from './findings.ts';
import type { TextRule } from './text-rules.ts';

/** An object in a network's file, with its place, so that what is wrong in it can be said. */
export class JsonObject {
  /** `File.json: $.Vpcs[0]` */
  readonly place: string;
  readonly findings: Findings;
  /** As parsed. */
  readonly members: Readonly<Record<string, unknown>>;

  private constructor(findings: Findings, place: string, members: Readonly<Record<string, unknown>>) {
    this.findings = findings;
    this.place = place;
    this.members = members;
  }

  /** `undefined`, and an error, when the value is no object. */
  static of(findings: Findings, place: string, value: unknown): JsonObject | undefined {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return new JsonObject(findings, place, value as Record<string, unknown>);
    }
    findings.error(place, value, 'an object');
    return undefined;
  }

  at(key: string): string {
    return `${this.place}.${key}`;
  }

  has(key: string): boolean {
    return this.#value(key) !== undefined;
  }

  /** The text of a member that must be there and obey the rule; else an error. */
  required(key: string, rule: TextRule): string | undefined {
    if (this.has(key)) return this.optional(key, rule);
    this.missing(key, rule.expected);
    return undefined;
  }

  /** The text of a member that must obey the rule if it is there. */
  optional(key: string, rule: TextRule): string | undefined {
    const value = this.#value(key);
    if (value === undefined) return undefined;
    if (typeof value === 'string' && rule.accepts(value)) return value;
    this.findings.error(this.at(key), value, rule.expected);
    return undefined;
  }

  flag(key: string): boolean | undefined {
    const value = this.#value(key);
    if (value === undefined || typeof value === 'boolean') return value;
    this.findings.error(this.at(key), value, 'true or false');
    return undefined;
  }

  integer(key: string, smallest: number, largest: number): number | undefined {
    const value = this.#value(key);
    if (value === undefined) return undefined;
    if (typeof value === 'number' && Number.isInteger(value) && value >= smallest && value <= largest)
      return value;
    this.findings.error(this.at(key), value, `a whole number from ${smallest} to ${largest}`);
    return undefined;
  }

  /** The objects of a list; none when the member is not there. */
  list(key: string): JsonObject[] {
    const value = this.#value(key);
    if (value === undefined) return [];
    if (Array.isArray(value)) {
      return value.flatMap((item, i) => JsonObject.of(this.findings, `${this.at(key)}[${i}]`, item) ?? []);
    }
    this.findings.error(this.at(key), value, 'a list');
    return [];
  }

  object(key: string): JsonObject | undefined {
    const value = this.#value(key);
    return value === undefined ? undefined : JsonObject.of(this.findings, this.at(key), value);
  }

  missing(key: string, expected: string): void {
    this.findings.fault(this.at(key), `missing, expected ${expected}`);
  }

  wrong(key: string, expected: string): void {
    this.findings.error(this.at(key), this.#value(key), expected);
  }

  /** A member's value for a message. */
  shown(key: string): string {
    return shown(this.#value(key));
  }

  #value(key: string): unknown {
    return Object.hasOwn(this.members, key) ? this.members[key] : undefined;
  }
}
