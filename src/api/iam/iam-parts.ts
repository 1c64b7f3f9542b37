import type { Credentials, SecretVault } from '../../iam/index.ts';
import { iamPlace, type Place, type Resources } from '../../resource/index.ts';
import type { Call } from '../action.ts';

/** What IAM's actions work on. */
export interface IamParts {
  readonly resources: Resources;
  readonly vault: SecretVault;
  readonly credentials: Credentials;
}

/** IAM knows no Regions: whatever Region a request was signed for, it is about the caller's account. */
export function placeOf({ caller }: Call): Place {
  return iamPlace(caller.accountId);
}

export function nowText({ nowMs }: Call): string {
  return new Date(nowMs).toISOString();
}
