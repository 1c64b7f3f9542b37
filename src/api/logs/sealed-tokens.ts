import { ServiceError } from '../../fault/index.ts';
import type { Action, Call } from '../action.ts';

interface Paged {
  readonly nextToken?: string;
}

/**
 * Actions whose positions leave as tokens that nobody else can make, and that only the account, Region and action take
 * back that gave them. GetLogEvents' tokens are not among them: they have a form of their own at AWS, and lead nowhere
 * but into the stream that is asked for with them.
 */
export function withSealedTokens(
  actions: Readonly<Record<string, Action>>,
): Readonly<Record<string, Action>> {
  return Object.fromEntries(
    Object.entries(actions).map(([name, action]) => [
      name,
      name === 'GetLogEvents' ? action : sealed(action),
    ]),
  );
}

function sealed({ run, ...action }: Action): Action<Paged> {
  return {
    ...(action as Action<Paged>),
    run: async (input, call) => {
      const answer = await run(opened(input, call) as never, call);
      const { nextToken } = (answer ?? {}) as Paged;
      if (nextToken === undefined) return answer;
      return { ...(answer as object), nextToken: call.tokens.seal(scopeOf(call), nextToken) };
    },
  };
}

/** @throws ServiceError for a token that was not given out for this */
function opened(input: Paged, call: Call): Paged {
  if (input.nextToken === undefined) return input;
  const nextToken = call.tokens.open(scopeOf(call), input.nextToken);
  if (nextToken !== undefined) return { ...input, nextToken };
  throw new ServiceError('InvalidParameterException', 'The specified nextToken is invalid.');
}

function scopeOf({ place, action }: Call): string {
  return JSON.stringify([place.accountId, place.region, action]);
}
