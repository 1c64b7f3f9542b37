import { execFile } from 'node:child_process';

/** Releases of the AWS CLI that know `AWS_ENDPOINT_URL`: from 1.29 and 2.13. */
const since: Readonly<Record<string, number>> = { '1': 29, '2': 13 };
const patienceMs = 5000;

/** What `aws --version` says of the AWS CLI that the shell would start; undefined without one. */
export function installedAws(): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile('aws', ['--version'], { timeout: patienceMs }, (error, out, err) => {
      resolve(error ? undefined : (`${out}${err}`.trim().split('\n')[0] ?? '').split(' ')[0]);
    });
  });
}

/** Whether this AWS CLI (`aws-cli/2.9.19`) takes no notice of the endpoint, and would send requests to AWS. */
export function ignoresEndpoint(version: string): boolean {
  const [, major, minor] = /^aws-cli\/([0-9]+)\.([0-9]+)/.exec(version) ?? [];
  if (major === undefined) return false;
  return Number(minor) < (since[major] ?? 0);
}
