import { ServiceError } from '../fault/index.ts';

const invalidParameter = (sentence: string): ServiceError =>
  new ServiceError('InvalidParameterException', sentence);
const notFound = (sentence: string): ServiceError => new ServiceError('ResourceNotFoundException', sentence);
const alreadyExists = (sentence: string): ServiceError =>
  new ServiceError('ResourceAlreadyExistsException', sentence);
const limitExceeded = (sentence: string): ServiceError =>
  new ServiceError('LimitExceededException', sentence);

/**
 * What CloudWatch Logs answers instead of a result, in its own words as far as these were recorded; where they were
 * not, the sentence is Headgate's and the code AWS's.
 */
export const errors = {
  invalidParameter,
  validation: (sentence: string) => new ServiceError('ValidationException', sentence),

  groupExists: () => alreadyExists('The specified log group already exists'),
  groupMissing: () => notFound('The specified log group does not exist.'),
  groupMissingByName: (name: string, accountId: string) =>
    notFound(`Log group '${name}' does not exist for account ID '${accountId}'`),
  nameTooLong: () =>
    invalidParameter('Invalid LogGroup or LogStream, both must have length less than or equal to 512.'),
  nameReserved: () => invalidParameter('Log groups starting with AWS/ are reserved for AWS.'),
  groupProtected: () =>
    new ServiceError(
      'ValidationException',
      'The log group is protected from deletion. Disable its deletion protection first.',
    ),
  prefixAndPattern: () =>
    invalidParameter('LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.'),
  identifiersAlone: () =>
    invalidParameter('logGroupIdentifiers cannot be combined with other filters of log groups.'),
  nameOrIdentifier: () =>
    new ServiceError(
      'ValidationException',
      'LogGroup name and LogGroup ARN are mutually exclusive parameters.',
    ),
  noGroupGiven: () => invalidParameter('Either logGroupName or logGroupIdentifier must be given.'),

  streamExists: () => alreadyExists('The specified log stream already exists'),
  streamMissing: () => notFound('The specified log stream does not exist.'),
  orderWithPrefix: () => invalidParameter('Cannot order by LastEventTime with a logStreamNamePrefix.'),

  noEvents: () =>
    invalidParameter(
      "1 validation error detected: Value '[]' at 'logEvents' failed to satisfy constraint: Member must have length greater than or equal to 1",
    ),
  notChronological: () =>
    invalidParameter('Log events in a single PutLogEvents request must be in chronological order.'),
  batchTooLarge: (bytes: number) =>
    invalidParameter(`Upload too large: ${bytes} bytes exceeds limit of 1048576`),
  eventTooLarge: (bytes: number) =>
    invalidParameter(`Log event too large: ${bytes} bytes exceeds limit of 1048576`),
  spanTooLong: () =>
    invalidParameter(
      'The batch of log events in a single PutLogEvents request cannot span more than 24 hours.',
    ),
  notInThisClass: (operation: string) =>
    invalidParameter(`${operation} is not supported for log groups of the Infrequent Access log class.`),
  badToken: () => invalidParameter('The specified nextToken is invalid.'),
  namesAndPrefix: () => invalidParameter('logStreamNames and logStreamNamePrefix are mutually exclusive.'),
  reverseTooOld: () =>
    invalidParameter(
      'startFromHead=false is supported only when startTime is on or after 2024-01-01T00:00:00Z.',
    ),
  badFilterPattern: (what: string) => invalidParameter(`Invalid filter pattern: ${what}`),

  tailStreamsAndPrefixes: () =>
    invalidParameter('Only one of logStreamNames or logStreamNamePrefixes can be provided.'),
  tailStreamsOfOneGroup: () =>
    invalidParameter('logStreamNames and logStreamNamePrefixes can only be used with a single log group.'),

  resourceMissing: () => notFound('The specified resource does not exist.'),
  tooManyTags: () => new ServiceError('TooManyTagsException', 'A log group can have no more than 50 tags.'),

  filterMissing: () => notFound('The specified filter name does not exist.'),
  subscriptionMissing: () => notFound('The specified subscription filter does not exist.'),
  limitReached: () => limitExceeded('Resource limit exceeded.'),
  roleMissing: (vendor: string) =>
    invalidParameter(`destinationArn for vendor ${vendor} cannot be used without roleArn`),
  roleNotTaken: (vendor: string) =>
    invalidParameter(`destinationArn for vendor ${vendor} cannot be used with roleArn`),
  vendorUnsupported: (vendor: string) =>
    invalidParameter(`PutSubscriptionFilter operation cannot work with destinationArn for vendor ${vendor}`),
  firehoseUndeliverable: () =>
    invalidParameter(
      'Could not deliver test message to specified Firehose stream. Check if the given Firehose stream is in ACTIVE state.',
    ),
  kinesisUndeliverable: () =>
    invalidParameter(
      'Could not deliver test message to specified Kinesis stream. Check if the given kinesis stream is in ACTIVE state.',
    ),
  lambdaNotExecuted: () =>
    invalidParameter(
      'Could not execute the lambda function. Make sure you have given CloudWatch Logs permission to execute your function.',
    ),
  lambdaOfOthers: () =>
    new ServiceError(
      'AccessDeniedException',
      'Cross-account lambda invocation passing is not allowed. You must use DestinationPolicies to create cross account lambda triggers.',
    ),
  oneTransformation: () =>
    invalidParameter('Exactly one metric transformation must be specified for a metric filter.'),
  defaultWithDimensions: () =>
    invalidParameter(
      'Invalid metric transformation: dimensions and default value are mutually exclusive properties.',
    ),

  policyMissing: () => notFound('The specified index policy does not exist.'),
  badPolicy: (what: string) => invalidParameter(`Invalid index policy document: ${what}`),

  languageUnsupported: (language: string) =>
    invalidParameter(`Query language ${language} is not supported by Headgate; use CWLI.`),
  oneWayOfGroups: () =>
    invalidParameter(
      'Exactly one of logGroupName, logGroupNames, logGroupIdentifiers or SOURCE must select the log groups.',
    ),
  rangeReversed: () => invalidParameter('End time should not be before start time.'),
  outsideOfRetention: () =>
    new ServiceError(
      'MalformedQueryException',
      "Query's end date and time is either before the log groups creation time or exceeds the log groups log retention settings",
    ),
  tooManyQueries: () => limitExceeded('Account maximum query concurrency limit of [100] reached.'),
  resultTooLarge: () =>
    limitExceeded('The result of the query is too large. Ask for fewer rows or shorter values.'),
  queryMissing: () => notFound('The specified query does not exist.'),
  queryNotRunning: () => invalidParameter('The specified query is not running.'),
  recordMissing: () => notFound('The specified log record does not exist.'),
  badPointer: () => invalidParameter('The specified log record pointer is invalid.'),
  definitionMissing: () => notFound('The specified query definition does not exist.'),
  undeclaredParameter: (name: string) =>
    invalidParameter(`The query string refers to {{${name}}}, which is no parameter of the definition.`),

  lookupMissing: () => notFound('The specified lookup table does not exist.'),
  lookupExists: () => alreadyExists('The specified lookup table already exists'),
  badLookup: (what: string) => invalidParameter(`Invalid lookup table: ${what}`),

  importUnderWay: (file: string) =>
    new ServiceError('OperationAbortedException', `${file} is being imported into the log group already.`),
} as const;
