import { type Glob, globOf } from './glob.ts';
import { globTemplate, globTemplateFrom, type VariableValue } from './template.ts';

/** Whether a pattern matches; `undefined` when a variable of it has no value. */
export type PatternTest = (text: string, variableOf: VariableValue) => boolean | undefined;

const partCount = 6;

/**
 * A resource as statements name it. `*` at the end of a part reaches over colons and slashes ("JSON policy elements:
 * Resource"); a wildcard inside one of the first five parts stays in it. Variables stand only behind the fifth colon.
 */
export function resourcePattern(text: string, hasVariables: boolean): PatternTest {
  if (text === '*') return () => true;
  const parts = patternParts(text);
  const tail = parts ? text.length - parts[partCount - 1].length : 0;
  const template = hasVariables ? globTemplateFrom(text, tail) : globTemplate(text, false);
  const heads = parts?.slice(0, -1).map(headTest);
  if (!heads?.some(({ staysInside }) => staysInside)) {
    return (resource, variableOf) => template.of(variableOf)?.matches(resource);
  }
  return (resource, variableOf) => {
    const glob = template.of(variableOf);
    return glob?.matches(resource) && headsMatch(heads, arnParts(resource));
  };
}

function headTest(part: string): { readonly glob: Glob; readonly staysInside: boolean } {
  return { glob: globOf(part), staysInside: /\*.|\?/.test(part) };
}

function headsMatch(
  heads: readonly { readonly glob: Glob }[],
  parts: readonly string[] | undefined,
): boolean {
  return parts !== undefined && heads.every(({ glob }, i) => glob.matches(parts[i]));
}

/** As ArnLike compares: each of the six parts for itself. A value that is no ARN matches only `*`. */
export function arnPattern(text: string, hasVariables: boolean): PatternTest {
  if (text === '*') return () => true;
  const templates = patternParts(text)?.map((part) => globTemplate(part, hasVariables));
  if (!templates) return () => false;
  return (value, variableOf) => {
    const globs = templates.map((template) => template.of(variableOf));
    if (globs.includes(undefined)) return undefined;
    const parts = arnParts(value);
    return parts !== undefined && globs.every((glob, i) => glob!.matches(parts[i]));
  };
}

/** The six parts of an ARN: the last may hold colons. */
export function arnParts(text: string): readonly string[] | undefined {
  return partsAround(text, (at) => text.indexOf(':', at));
}

/** The same of a pattern: the colons of its variables part nothing. */
function patternParts(text: string): readonly string[] | undefined {
  const plain = text.replace(/\$\{[^{}]*\}/g, (variable) => variable.replaceAll(':', ' '));
  return partsAround(text, (at) => plain.indexOf(':', at));
}

function partsAround(text: string, nextColon: (from: number) => number): readonly string[] | undefined {
  const parts: string[] = [];
  let from = 0;
  while (parts.length < partCount - 1) {
    const at = nextColon(from);
    if (at < 0) return undefined;
    parts.push(text.slice(from, at));
    from = at + 1;
  }
  return [...parts, text.slice(from)];
}
