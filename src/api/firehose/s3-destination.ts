import type {
  ExtendedS3DestinationConfiguration,
  ExtendedS3DestinationDescription,
  ExtendedS3DestinationUpdate,
  ProcessingConfiguration,
  S3DestinationConfiguration,
  S3DestinationDescription,
  S3DestinationUpdate,
} from '@aws-sdk/client-firehose';
import { defaultHints, isTimeZone, ObjectPrefixes } from '../../stream/index.ts';
import type { Checked } from '../checked.ts';
import { errors } from './errors.ts';
import { checkProcessing } from './processing.ts';

type S3Input = Checked<S3DestinationConfiguration | S3DestinationUpdate>;
type ExtendedInput = Checked<ExtendedS3DestinationConfiguration | ExtendedS3DestinationUpdate>;

/**
 * A bucket as it is described, from what was given for it, over what it was before.
 * @throws ServiceError `InvalidArgumentException`
 */
export function s3Description(given: S3Input, before?: S3DestinationDescription): S3DestinationDescription {
  const { RoleARN, BucketARN, Prefix, ErrorOutputPrefix, BufferingHints, CloudWatchLoggingOptions } = given;
  const compression = given.CompressionFormat ?? before?.CompressionFormat ?? 'UNCOMPRESSED';
  if (compression !== 'UNCOMPRESSED' && compression !== 'GZIP') {
    throw errors.notOffered(`The compression format ${compression}`);
  }
  if (given.EncryptionConfiguration?.KMSEncryptionConfig) throw errors.notOffered('KMSEncryptionConfig');
  checkHints(BufferingHints);
  checkLogging(CloudWatchLoggingOptions);
  const description = {
    ...before,
    RoleARN: RoleARN ?? before?.RoleARN,
    BucketARN: BucketARN ?? before?.BucketARN,
    ...(Prefix !== undefined && { Prefix }),
    ...(ErrorOutputPrefix !== undefined && { ErrorOutputPrefix }),
    BufferingHints: BufferingHints ?? before?.BufferingHints ?? defaultHints,
    CompressionFormat: compression,
    EncryptionConfiguration: { NoEncryptionConfig: 'NoEncryption' as const },
    CloudWatchLoggingOptions: CloudWatchLoggingOptions ??
      before?.CloudWatchLoggingOptions ?? { Enabled: false },
  };
  new ObjectPrefixes(description);
  return description;
}

/** @throws ServiceError `InvalidArgumentException` */
export function extendedS3Description(
  given: ExtendedInput,
  before?: ExtendedS3DestinationDescription,
): ExtendedS3DestinationDescription {
  const {
    ProcessingConfiguration,
    FileExtension,
    CustomTimeZone,
    S3BackupMode = before?.S3BackupMode,
  } = given;
  checkConversions(given);
  checkProcessing(ProcessingConfiguration);
  if (CustomTimeZone !== undefined && CustomTimeZone !== '' && !isTimeZone(CustomTimeZone)) {
    throw errors.invalidArgument(`CustomTimeZone ${CustomTimeZone} is not a supported time zone`);
  }
  return {
    ...before,
    ...s3Description(given, before),
    ...(ProcessingConfiguration !== undefined && {
      ProcessingConfiguration: copied<ProcessingConfiguration>(ProcessingConfiguration),
    }),
    ...(FileExtension !== undefined && { FileExtension }),
    ...(CustomTimeZone !== undefined && { CustomTimeZone }),
    S3BackupMode: S3BackupMode ?? 'Disabled',
    ...backupOf(given, before),
  };
}

/** What is kept belongs to nobody else. */
export function copied<T>(given: unknown): T {
  return structuredClone(given) as T;
}

/** @throws ServiceError `InvalidArgumentException` when one is there without the other */
export function checkHints(
  hints:
    | { readonly SizeInMBs?: number | undefined; readonly IntervalInSeconds?: number | undefined }
    | undefined,
): void {
  if (hints && (hints.SizeInMBs === undefined) !== (hints.IntervalInSeconds === undefined)) {
    throw errors.invalidArgument('BufferingHints must have both SizeInMBs and IntervalInSeconds, or neither');
  }
}

/** @throws ServiceError `InvalidArgumentException` */
export function checkLogging(
  options:
    | {
        readonly Enabled?: boolean | undefined;
        readonly LogGroupName?: string | undefined;
        readonly LogStreamName?: string | undefined;
      }
    | undefined,
): void {
  if (options?.Enabled !== true) return;
  if (options.LogGroupName === undefined || options.LogStreamName === undefined) {
    throw errors.invalidArgument(
      'LogGroupName and LogStreamName are required when CloudWatch logging is enabled',
    );
  }
}

function checkConversions(given: ExtendedInput): void {
  const { DataFormatConversionConfiguration: conversion, DynamicPartitioningConfiguration: partitioning } =
    given;
  if (conversion && conversion.Enabled !== false) throw errors.notOffered('Data format conversion');
  if (partitioning?.Enabled === true) throw errors.notOffered('Dynamic partitioning');
}

function backupOf(
  given: ExtendedInput,
  before: ExtendedS3DestinationDescription | undefined,
): Pick<ExtendedS3DestinationDescription, 'S3BackupDescription'> {
  const update = 'S3BackupUpdate' in given ? given.S3BackupUpdate : undefined;
  const configuration = 'S3BackupConfiguration' in given ? given.S3BackupConfiguration : undefined;
  const backup = configuration ?? update;
  const wasEnabled = before?.S3BackupMode === 'Enabled';
  if (given.S3BackupMode === 'Disabled' && wasEnabled) {
    throw errors.invalidArgument('S3BackupMode cannot be changed from Enabled to Disabled');
  }
  const isEnabled = given.S3BackupMode === 'Enabled' || wasEnabled;
  if (isEnabled && !backup && !before?.S3BackupDescription) {
    throw errors.invalidArgument('S3BackupConfiguration is required when S3BackupMode is Enabled');
  }
  if (!backup) return {};
  const S3BackupDescription = s3Description(backup, before?.S3BackupDescription);
  if (S3BackupDescription.RoleARN === undefined || S3BackupDescription.BucketARN === undefined) {
    throw errors.invalidArgument('The S3 backup must have a RoleARN and a BucketARN');
  }
  return { S3BackupDescription };
}
