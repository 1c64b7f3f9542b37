import type { AdministratorKey } from './questions.ts';

/** A word of a POSIX shell that stands for exactly this text. */
export function quoted(text: string): string {
  return /^[A-Za-z0-9_./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** For `eval "$(headgate env)"`. */
export function exportLines(key: AdministratorKey, endpoint: string): string[] {
  const variables = {
    AWS_ACCESS_KEY_ID: key.accessKeyId,
    AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
    AWS_REGION: key.region,
    AWS_DEFAULT_REGION: key.region,
    AWS_ENDPOINT_URL: endpoint,
    AWS_DISABLE_HOST_PREFIX_INJECTION: 'true',
  };
  return [
    ...Object.entries(variables).map(([name, value]) => `export ${name}=${quoted(value)}`),
    // Of another login: it would go with the keys.
    'unset AWS_SESSION_TOKEN AWS_PROFILE',
  ];
}
