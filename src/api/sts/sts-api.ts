import type { GetAccessKeyInfoRequest, GetSessionTokenRequest } from '@aws-sdk/client-sts';
import { ServiceError } from '../../fault/index.ts';
import {
  type AccessKeyResource,
  accessKeys,
  type Credentials,
  type SessionResource,
  sessions,
} from '../../iam/index.ts';
import { globalPlace, type Resources } from '../../resource/index.ts';
import type { Action, Call, ServiceApi } from '../action.ts';
import type { Checked } from '../checked.ts';
import { assumeRole } from './assume-role.ts';

export interface StsParts {
  readonly resources: Resources;
  readonly credentials: Credentials;
}

const defaultTokenSeconds = 12 * 3600;

export function stsApi(parts: StsParts): ServiceApi {
  const { resources } = parts;
  /** Nobody can be kept from asking who he is: it needs no permission, and no policy denies it. */
  const GetCallerIdentity: Action = {
    isOpen: true,
    run: (_, { caller }) => ({ UserId: caller.userId, Account: caller.accountId, Arn: caller.arn }),
  };
  const GetAccessKeyInfo: Action<Checked<GetAccessKeyInfoRequest>> = {
    run: ({ AccessKeyId }) => {
      const key: AccessKeyResource | SessionResource | undefined =
        resources.get(accessKeys, globalPlace, AccessKeyId) ??
        resources.get(sessions, globalPlace, AccessKeyId);
      if (key) return { Account: key.accountId };
      throw new ServiceError('ValidationError', `The access key ${AccessKeyId} is of no account here.`);
    },
  };
  /** Denials are told in clear: a message that could be decoded was never given out. */
  const DecodeAuthorizationMessage: Action = {
    run: () => {
      throw new ServiceError(
        'InvalidAuthorizationMessageException',
        'Message is not valid: Headgate does not encode authorization messages',
      );
    },
  };
  return {
    service: 'sts',
    actions: {
      GetCallerIdentity,
      AssumeRole: assumeRole(parts),
      GetSessionToken: getSessionToken(parts),
      GetAccessKeyInfo,
      DecodeAuthorizationMessage,
    },
  };
}

/** A session of the user itself: it needs no permission, and may what he may. */
function getSessionToken({ resources, credentials }: StsParts): Action<Checked<GetSessionTokenRequest>> {
  return {
    isOpen: true,
    run: ({ DurationSeconds = defaultTokenSeconds }, call) => {
      const { accountId, userName, userId } = userOf(call);
      return resources.write((draft) => ({
        Credentials: credentials.openSession(draft, {
          accountId,
          UserName: userName,
          userId,
          sessionName: userName,
          policies: [],
          tags: {},
          issuedMs: call.nowMs,
          expiresMs: call.nowMs + DurationSeconds * 1000,
        }),
      }));
    },
  };
}

function userOf({ caller }: Call) {
  const { kind, accountId, userName, userId, tokenIssuedMs } = caller;
  if (kind === 'user' && userName !== undefined && tokenIssuedMs === undefined) {
    return { accountId, userName, userId };
  }
  throw new ServiceError('AccessDenied', 'Cannot call GetSessionToken with session credentials', {
    status: 403,
  });
}
