import type {
  HttpEndpointConfiguration,
  HttpEndpointDestinationConfiguration,
  HttpEndpointDestinationDescription,
  HttpEndpointDestinationUpdate,
  HttpEndpointRequestConfiguration,
  ProcessingConfiguration,
} from '@aws-sdk/client-firehose';
import { defaultHints } from '../../stream/index.ts';
import type { Checked } from '../checked.ts';
import { errors } from './errors.ts';
import { checkProcessing } from './processing.ts';
import { checkHints, checkLogging, copied, s3Description } from './s3-destination.ts';

type HttpInput = Checked<HttpEndpointDestinationConfiguration | HttpEndpointDestinationUpdate>;

const defaultRetrySeconds = 300;

export interface HttpDestination {
  readonly description: HttpEndpointDestinationDescription;
  readonly accessKey: string | undefined;
}

/**
 * An endpoint as it is described, from what was given for it, over what it was before; and its key, which is not.
 * @throws ServiceError `InvalidArgumentException`
 */
export function httpDestination(given: HttpInput, before?: HttpDestination): HttpDestination {
  const { EndpointConfiguration, BufferingHints, CloudWatchLoggingOptions, RequestConfiguration } = given;
  const was = before?.description;
  if (given.SecretsManagerConfiguration?.Enabled === true)
    throw errors.notOffered('SecretsManagerConfiguration');
  checkProcessing(given.ProcessingConfiguration);
  checkHints(BufferingHints);
  checkLogging(CloudWatchLoggingOptions);
  checkAttributes(RequestConfiguration?.CommonAttributes ?? []);
  if (EndpointConfiguration) checkEndpoint(EndpointConfiguration);
  const s3 =
    'S3Configuration' in given ? given.S3Configuration : 'S3Update' in given ? given.S3Update : undefined;
  const backup = s3 ? s3Description(s3, was?.S3DestinationDescription) : was?.S3DestinationDescription;
  const description: HttpEndpointDestinationDescription = {
    ...was,
    ...(EndpointConfiguration && { EndpointConfiguration: shown(EndpointConfiguration) }),
    BufferingHints: BufferingHints ?? was?.BufferingHints ?? defaultHints,
    CloudWatchLoggingOptions: CloudWatchLoggingOptions ?? was?.CloudWatchLoggingOptions ?? { Enabled: false },
    RequestConfiguration: RequestConfiguration
      ? { ContentEncoding: 'NONE', ...copied<HttpEndpointRequestConfiguration>(RequestConfiguration) }
      : (was?.RequestConfiguration ?? { ContentEncoding: 'NONE' }),
    ...(given.ProcessingConfiguration && {
      ProcessingConfiguration: copied<ProcessingConfiguration>(given.ProcessingConfiguration),
    }),
    RoleARN: given.RoleARN ?? was?.RoleARN ?? backup?.RoleARN,
    RetryOptions: given.RetryOptions ?? was?.RetryOptions ?? { DurationInSeconds: defaultRetrySeconds },
    S3BackupMode: given.S3BackupMode ?? was?.S3BackupMode ?? 'FailedDataOnly',
    ...(backup && { S3DestinationDescription: backup }),
  };
  const accessKey = EndpointConfiguration ? EndpointConfiguration.AccessKey : before?.accessKey;
  return { description, accessKey: accessKey === '' ? undefined : accessKey };
}

function shown({ Url, Name }: Checked<HttpEndpointConfiguration>) {
  return { Url, ...(Name !== undefined && { Name }) };
}

/** AWS takes `https` and port 443 alone; any port, and `http` to this machine, are Headgate's extension. */
function checkEndpoint({ Url, AccessKey = '' }: Checked<HttpEndpointConfiguration>): void {
  const url = URL.canParse(Url) ? new URL(Url) : undefined;
  const isLoopback = /^(?:localhost|127(?:\.[0-9]+){3}|\[::1\])$/.test(url?.hostname ?? '');
  if (!url || !(url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback))) {
    throw errors.invalidArgument(
      'The URL of an HTTP endpoint must begin with https://, or with http:// and a loopback address',
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw errors.invalidArgument(
      'The URL of an HTTP endpoint must not have a user or a password: use AccessKey',
    );
  }
  // It goes into a header as it is.
  if (!/^[\x20-\x7e]*$/.test(AccessKey)) throw errors.invalidArgument('AccessKey must be printable ASCII');
}

function checkAttributes(attributes: readonly { readonly AttributeName: string }[]): void {
  const names = new Set(attributes.map(({ AttributeName }) => AttributeName));
  if (names.size < attributes.length)
    throw errors.invalidArgument('CommonAttributes must have different names');
}
