import { malformedPolicy } from './malformed-policy.ts';

const iamPaths = [
  'user/',
  'federated-user/',
  'role/',
  'group/',
  'instance-profile/',
  'mfa/',
  'server-certificate/',
  'policy/',
  'sms-mfa/',
  'saml-provider/',
  'oidc-provider/',
  'report/',
  'access-report/',
];

/** @throws ServiceError `MalformedPolicyDocument` for a text that IAM does not take for a resource */
export function checkResource(text: string): void {
  const sentence = text === '*' ? undefined : faultOf(text);
  if (sentence !== undefined) throw malformedPolicy(sentence);
}

function faultOf(text: string): string | undefined {
  const [scheme, partition, service, region, , ...rest] = text.split(':');
  if (partition === undefined || (scheme !== 'arn' && !/[*?]/.test(scheme))) {
    return `Resource ${text} must be in ARN format or "*".`;
  }
  if (partition !== 'aws' && !/[*?]/.test(partition)) return partitionFault(text, partition);
  if (service === undefined) return 'Resource vendor must be fully qualified and cannot contain regexes.';
  if (service === '') return 'The policy failed legacy parsing';
  if (service === 'iam' && (region ?? '') !== '')
    return `IAM resource ${text} cannot contain region information.`;
  if (service === 's3' && (region ?? '') !== '' && region !== '*') {
    return `Resource ${text} can not contain region information.`;
  }
  return service === 'iam' ? iamFault(rest.join(':')) : undefined;
}

/** Parts that are missing are shown as `*`. */
function partitionFault(text: string, partition: string): string {
  const [service = '*', region = '*', account = '*', ...rest] = text.split(':').slice(2);
  const resource = rest.length > 0 ? rest.join(':') : '*';
  return `Partition "${partition}" is not valid for resource "arn:${partition}:${service}:${region}:${account}:${resource}".`;
}

function iamFault(resource: string): string | undefined {
  const isKnown = resource === '*' || resource === 'root' || /^[^/]*[*?$]/.test(resource);
  if (isKnown || iamPaths.some((path) => resource.startsWith(path))) return undefined;
  return `IAM resource path must either be "*" or start with ${iamPaths.join(', ')}.`;
}
