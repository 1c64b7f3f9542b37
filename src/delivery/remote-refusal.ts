import type { Refusal } from './destination.ts';

/** What an SDK's error says of itself; of others some of it is there. */
interface RemoteError {
  readonly name?: string;
  readonly message?: string;
  /** Node's, or the SDK's where it has no class for an error. */
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  /** Of errors in the search for credentials. */
  readonly tryNextLink?: boolean;
}

/** Of what a server says, in characters. */
const longestMessage = 500;

const throttling =
  /^(?:Throttl|TooManyRequests|RequestLimitExceeded|SlowDown|LimitExceeded|ServiceUnavailable|ServiceQuotaExceeded|ProvisionedThroughputExceeded|BandwidthLimitExceeded|RequestThrottled|EC2ThrottledException|TransactionInProgress)/;

/** Of who signs, of what is allowed, of what is not there to be written. */
const access =
  /^(?:AccessDenied|AccountProblem|AllAccessDisabled|AuthFailure|AuthorizationHeaderMalformed|Credential|ExpiredToken|Forbidden|IncompleteSignature|Invalid(?:AccessKeyId|ClientTokenId|Signature|Security|Token)|MissingAuthenticationToken|NoSuchBucket|NotAuthorized|NotSignedUp|OptInRequired|Request(?:Expired|InTheFuture|TimeTooSkewed)|ResourceNotFound|Signature|TokenRefreshRequired|UnauthorizedAccess|UnrecognizedClient)/;

/** What fails before a request goes out. */
const unsent =
  /^(?:ECONNREFUSED|ENOTFOUND|EAI_|EHOSTUNREACH|EHOSTDOWN|ENETUNREACH|ENETDOWN|EADDRNOTAVAIL|EMFILE|ENFILE|ENOENT|EACCES|ERR_TLS|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|ERR_INVALID)/;

/** Of names: `CredentialsProviderError` and its like, also from within the chain of providers. */
function isOfCredentials({ name = '', tryNextLink }: RemoteError): boolean {
  return tryNextLink !== undefined || /Credential|TokenProviderError/.test(name);
}

/** What a request's failure means for a delivery. Everything may be mended while the flow log lives. */
export function remoteRefusal(error: unknown, where: string): Refusal {
  const { name = '', message = String(error), code } = error as RemoteError;
  const status = (error as RemoteError).$metadata?.httpStatusCode;
  const named = code === undefined || message.includes(code) ? name : `${name} ${code}`;
  // What the SDK says of an answer without a body, as to HEAD.
  const said = message === 'UnknownError' && status !== undefined ? `the answer is ${status}` : message;
  const what = named === 'Error' ? oneLine(said) : `${named}: ${oneLine(said)}`;
  return {
    kind: 'refused',
    message: messageOf(error as RemoteError),
    detail: `${where}: ${what}`,
    retryable: true,
    ...(mayHaveBeenTaken(error as RemoteError) && { isAmbiguous: true as const }),
  };
}

/** What somebody else's server says, as a line of a log can have it. */
function oneLine(text: string): string {
  const line = text.replace(/[\s\p{Cc}]+/gu, ' ').trim();
  return line.length > longestMessage ? `${line.slice(0, longestMessage)}…` : line;
}

/** Whether other credentials might be taken. */
export function needsNewCredentials(error: unknown): boolean {
  return messageOf(error as RemoteError) === 'Access error';
}

function messageOf(error: RemoteError): Refusal['message'] {
  const { name = '' } = error;
  const status = error.$metadata?.httpStatusCode;
  if (throttling.test(name) || status === 429 || status === 503) return 'Rate limited';
  const isDenied = status === 401 || status === 403 || isOfCredentials(error);
  return isDenied || access.test(name) ? 'Access error' : 'Unknown error';
}

/** The request went out, and no answer tells what became of it. */
function mayHaveBeenTaken(error: RemoteError): boolean {
  const { name = '', code = '', message = '' } = error;
  const status = error.$metadata?.httpStatusCode;
  // An answer that cannot be read comes with the status of a success.
  if (status !== undefined) return status < 400 || (status >= 500 && status !== 503);
  if (isOfCredentials(error) || unsent.test(code)) return false;
  return !(name === 'TimeoutError' && message.includes('did not establish a connection'));
}
