import { checkPolicySize, parsePolicy, resolvePrincipals, shownPrincipals } from '../../iam/index.ts';
import type { ResourceView } from '../../resource/index.ts';

/** As IAM shows policy documents: percent-encoded, everything but the unreserved characters of RFC 3986. */
export function shownDocument(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** @throws ServiceError `MalformedPolicyDocument`, `LimitExceeded` */
export function checkManagedDocument(document: string): void {
  parsePolicy(document, 'managed');
  checkPolicySize('managed', document);
}

/** With the ARNs of its principals, though it is kept with their unique ids. */
export function shownTrustPolicy(view: ResourceView, document: string): string {
  return shownDocument(shownPrincipals(document, view));
}

/**
 * A trust policy as it is kept.
 * @throws ServiceError `MalformedPolicyDocument`, `LimitExceeded`
 */
export function storedTrustPolicy(view: ResourceView, document: string): string {
  parsePolicy(document, 'trust');
  checkPolicySize('trust', document);
  return resolvePrincipals(document, view);
}
