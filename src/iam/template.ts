import { anyCharacter, anyText, Glob, type GlobToken, globTokens } from './glob.ts';

/** The value of a condition key in a request, where it has one and only one. */
export type VariableValue = (key: string) => string | undefined;

/** A policy's text in which variables may stand. `undefined`: one of them has no value in this request. */
export interface Template<Result> {
  readonly of: (variableOf: VariableValue) => Result | undefined;
}

type Part = GlobToken | Variable;
interface Variable {
  readonly key: string;
  readonly fallback: string | undefined;
}

/** No brace stands in one, so that looking for its end never goes over the text twice. */
const variable = /\$\{([^{}]*)\}/g;
const defaulted = /^([^,]*), *'([^']*)'$/;

/** With wildcards. What a variable stands for is itself: a `*` in it is an asterisk. */
export function globTemplate(text: string, hasVariables: boolean): Template<Glob> {
  return template(text, hasVariables, globTokens, (tokens) => new Glob(tokens));
}

/** Without wildcards: `*` is itself. */
export function textTemplate(text: string, hasVariables: boolean): Template<string> {
  return template(text, hasVariables, (plain) => [plain], textOf);
}

/** Both: what stands before `from` knows no variables. */
export function globTemplateFrom(text: string, from: number): Template<Glob> {
  const parts = [...globTokens(text.slice(0, from)), ...partsOf(text.slice(from), globTokens)];
  return made(parts, (tokens) => new Glob(tokens));
}

function template<Result>(
  text: string,
  hasVariables: boolean,
  tokensOf: (plain: string) => GlobToken[],
  make: (tokens: readonly GlobToken[]) => Result,
): Template<Result> {
  return made(hasVariables ? partsOf(text, tokensOf) : tokensOf(text), make);
}

function made<Result>(
  parts: readonly Part[],
  make: (tokens: readonly GlobToken[]) => Result,
): Template<Result> {
  if (!parts.some(isVariable)) {
    const result = make(parts as readonly GlobToken[]);
    return { of: () => result };
  }
  return {
    of: (variableOf) => {
      const tokens = parts.map((part) => (isVariable(part) ? (variableOf(part.key) ?? part.fallback) : part));
      return tokens.includes(undefined) ? undefined : make(tokens as GlobToken[]);
    },
  };
}

function partsOf(text: string, tokensOf: (plain: string) => GlobToken[]): Part[] {
  const parts: Part[] = [];
  let at = 0;
  for (const found of text.matchAll(variable)) {
    parts.push(...tokensOf(text.slice(at, found.index)), variablePart(found[1]));
    at = found.index + found[0].length;
  }
  return [...parts, ...tokensOf(text.slice(at))];
}

/** `${*}`, `${?}` and `${$}` are these characters. */
function variablePart(inside: string): Part {
  if (inside === '*' || inside === '?' || inside === '$') return inside;
  const [, key = inside, fallback] = defaulted.exec(inside) ?? [];
  return { key: key.trim().toLowerCase(), fallback };
}

function isVariable(part: Part): part is Variable {
  return typeof part === 'object';
}

function textOf(tokens: readonly GlobToken[]): string {
  return tokens
    .map((token) => (token === anyText ? '*' : token === anyCharacter ? '?' : String(token)))
    .join('');
}
