import type { DeleteObjectsRequest } from '@aws-sdk/client-s3';
import type { Call } from '../action.ts';
import type { Checked } from '../checked.ts';
import { type NamesObject, onBucket, onObject } from './access.ts';
import { type CopyInput, copyObject, copyTargets } from './copy-object.ts';
import { deleteObject, deleteObjects } from './delete-objects.ts';
import { getObject, headObject, type ReadInput } from './get-object.ts';
import { type ListInput, listKeys, listObjects, listObjectsV2, listObjectVersions } from './list-objects.ts';
import { type ListPartsInput, type ListUploadsInput, listParts, listUploads } from './list-uploads.ts';
import {
  abortUpload,
  type CompleteInput,
  type CreateInput,
  completeUpload,
  createUpload,
  type NamesUpload,
  type PartCopyInput,
  type PartInput,
  partCopyTargets,
  uploadPart,
  uploadPartCopy,
} from './multipart-uploads.ts';
import { type AttributesInput, attributesTargets, objectAttributes } from './object-attributes.ts';
import type { Actions, S3Parts } from './parts.ts';
import { type PutInput, putObject, writeTargets } from './put-object.ts';
import { type RestoreInput, restoreObject } from './restore-object.ts';

/** "Actions, resources, and condition keys for Amazon S3" says which permission each needs. */
export function objectActions(parts: S3Parts): Actions {
  const onRead = onObject<ReadInput>(parts, ({ VersionId }) =>
    VersionId === undefined ? 's3:GetObject' : 's3:GetObjectVersion',
  );
  return {
    GetObject: {
      targets: onRead,
      run: (input: ReadInput, call: Call) => getObject(parts, input, call),
    },
    HeadObject: {
      targets: onRead,
      run: (input: ReadInput, call: Call) => headObject(parts, input, call),
    },
    PutObject: {
      targets: writeTargets<PutInput>(parts),
      run: (input: PutInput) => putObject(parts, input),
    },
    CopyObject: {
      targets: copyTargets(parts),
      run: (input: CopyInput, call: Call) => copyObject(parts, input, call),
    },
    DeleteObject: {
      targets: onObject<NamesObject>(parts, ({ VersionId }) =>
        VersionId === undefined ? 's3:DeleteObject' : 's3:DeleteObjectVersion',
      ),
      run: (input: NamesObject) => deleteObject(parts, input),
    },
    // Each key is asked about by itself.
    DeleteObjects: {
      isOpen: true,
      run: (input: Checked<DeleteObjectsRequest>, call: Call) => deleteObjects(parts, input, call),
    },
    GetObjectAttributes: {
      targets: attributesTargets(parts),
      run: (input: AttributesInput, call: Call) => objectAttributes(parts, input, call),
    },
    RestoreObject: {
      targets: onObject(parts, 's3:RestoreObject'),
      run: (input: RestoreInput, call: Call) => restoreObject(parts, input, call),
    },
    ...listActions(parts),
    ...uploadActions(parts),
  };
}

function listActions(parts: S3Parts): Actions {
  const onList = onBucket<ListInput>(parts, 's3:ListBucket', listKeys);
  return {
    ListObjects: {
      targets: onList,
      run: (input: ListInput, call: Call) => listObjects(parts, input, call),
    },
    ListObjectsV2: {
      targets: onList,
      run: (input: ListInput, call: Call) => listObjectsV2(parts, input, call),
    },
    ListObjectVersions: {
      targets: onBucket<ListInput>(parts, 's3:ListBucketVersions', listKeys),
      run: (input: ListInput, call: Call) => listObjectVersions(parts, input, call),
    },
  };
}

function uploadActions(parts: S3Parts): Actions {
  const onUpload = onObject(parts, 's3:PutObject');
  return {
    CreateMultipartUpload: {
      targets: writeTargets<CreateInput>(parts),
      run: (input: CreateInput, call: Call) => createUpload(parts, input, call),
    },
    UploadPart: {
      targets: onUpload,
      run: (input: PartInput) => uploadPart(parts, input),
    },
    UploadPartCopy: {
      targets: partCopyTargets(parts),
      run: (input: PartCopyInput, call: Call) => uploadPartCopy(parts, input, call),
    },
    CompleteMultipartUpload: {
      targets: onUpload,
      run: (input: CompleteInput, call: Call) => completeUpload(parts, input, call),
    },
    AbortMultipartUpload: {
      targets: onObject(parts, 's3:AbortMultipartUpload'),
      run: (input: NamesUpload) => abortUpload(parts, input),
    },
    ListParts: {
      targets: onObject(parts, 's3:ListMultipartUploadParts'),
      run: (input: ListPartsInput) => listParts(parts, input),
    },
    ListMultipartUploads: {
      targets: onBucket(parts, 's3:ListBucketMultipartUploads'),
      run: (input: ListUploadsInput) => listUploads(parts, input),
    },
  };
}
