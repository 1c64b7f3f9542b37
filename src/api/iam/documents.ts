import { checkPolicySize, parsePolicy } from '../../iam/index.ts';
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

/**
 * A trust policy as it is kept.
 * @throws ServiceError `MalformedPolicyDocument`, `LimitExceeded`
 */
export function storedTrustPolicy(_view: ResourceView, document: string): string {
  parsePolicy(document, 'trust');
  checkPolicySize('trust', document);
  return document;
}
