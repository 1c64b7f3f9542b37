import { awsManagedDocuments } from './aws-managed-documents.ts';
import type { PolicyResource } from './kinds.ts';

/** A policy that AWS keeps; every account has it, and nobody can change it. */
interface PublishedPolicy {
  readonly name: string;
  /** AWS's own id where it is known. */
  readonly id: string;
  readonly path?: string;
  /** The default version: the only one that is here. */
  readonly version: string;
  readonly created: string;
  readonly updated: string;
}

/** By the name of the policy; what they say is in `awsManagedDocuments`. */
const published: readonly PublishedPolicy[] = [
  {
    name: 'AdministratorAccess',
    id: 'ANPAIWMBCKSKIEE64ZLYK',
    version: 'v1',
    created: '2015-02-06T18:39:46Z',
    updated: '2015-02-06T18:39:46Z',
  },
  {
    name: 'PowerUserAccess',
    id: 'ANPAJYRXTHIB4FOVS3ZXS',
    version: 'v12',
    created: '2015-02-06T18:39:47Z',
    updated: '2026-02-12T17:59:14Z',
  },
  {
    name: 'ReadOnlyAccess',
    id: 'ANPAILL3HVNFSB6DCOWYQ',
    version: 'v87',
    created: '2015-02-06T18:39:48Z',
    updated: '2022-05-23T20:16:18Z',
  },
  {
    name: 'IAMFullAccess',
    id: 'ANPAI7XKCFMBPM3QQRRVQ',
    version: 'v2',
    created: '2015-02-06T18:40:38Z',
    updated: '2019-06-21T19:40:00Z',
  },
  {
    name: 'IAMReadOnlyAccess',
    id: 'ANPAJKSO7NDY4T57MWDSQ',
    version: 'v4',
    created: '2015-02-06T18:40:39Z',
    updated: '2018-01-25T19:11:27Z',
  },
  {
    name: 'CloudWatchFullAccess',
    id: 'ANPAIKEABORKUXN6DEAZU',
    version: 'v4',
    created: '2015-02-06T18:40:00Z',
    updated: '2022-11-27T13:23:49Z',
  },
  {
    name: 'CloudWatchFullAccessV2',
    id: 'ANPAZKAPJZG4HEADGATE1',
    version: 'v4',
    created: '2023-08-01T11:32:00Z',
    updated: '2025-10-08T17:34:07Z',
  },
  {
    name: 'CloudWatchReadOnlyAccess',
    id: 'ANPAJN23PDQP7SZQAE3QE',
    version: 'v14',
    created: '2015-02-06T18:40:01Z',
    updated: '2025-12-02T16:49:09Z',
  },
  {
    name: 'CloudWatchLogsFullAccess',
    id: 'ANPAJ3ZGNWK2R5HW5BQFO',
    version: 'v3',
    created: '2015-02-06T18:40:02Z',
    updated: '2025-05-20T17:07:06Z',
  },
  {
    name: 'CloudWatchLogsReadOnlyAccess',
    id: 'ANPAJ2YIYDYSNNEHK3VKW',
    version: 'v6',
    created: '2015-02-06T18:40:03Z',
    updated: '2023-11-26T18:11:33Z',
  },
  {
    name: 'AmazonEC2FullAccess',
    id: 'ANPAI3VAJF5ZCRZ7MCQE6',
    version: 'v5',
    created: '2015-02-06T18:40:15Z',
    updated: '2018-11-27T02:16:56Z',
  },
  {
    name: 'AmazonEC2ReadOnlyAccess',
    id: 'ANPAIGDT4SV4GSETWTBZK',
    version: 'v2',
    created: '2015-02-06T18:40:17Z',
    updated: '2024-02-14T15:17:04Z',
  },
  {
    name: 'AmazonVPCFullAccess',
    id: 'ANPAJBWPGNOVKZD3JI2P2',
    version: 'v10',
    created: '2015-02-06T18:41:16Z',
    updated: '2024-02-08T16:03:24Z',
  },
  {
    name: 'AmazonVPCReadOnlyAccess',
    id: 'ANPAIICZJNOJN36GTG6CM',
    version: 'v10',
    created: '2015-02-06T18:41:17Z',
    updated: '2024-12-09T15:06:07Z',
  },
  {
    name: 'AmazonS3FullAccess',
    id: 'ANPAIFIR6V6BVTRAHWINE',
    version: 'v2',
    created: '2015-02-06T18:40:58Z',
    updated: '2021-09-27T20:16:37Z',
  },
  {
    name: 'AmazonS3ReadOnlyAccess',
    id: 'ANPAIZTJ4DXE7G6AGAE6M',
    version: 'v3',
    created: '2015-02-06T18:40:59Z',
    updated: '2023-08-10T21:31:39Z',
  },
  {
    name: 'AWSServiceRoleForLogDeliveryPolicy',
    id: 'ANPAZKAPJZG4HEADGATE2',
    path: '/aws-service-role/',
    version: 'v5',
    created: '2019-10-04T17:31:00Z',
    updated: '2026-05-15T21:57:00Z',
  },
  {
    name: 'AWSVPCFlowLogsServiceRolePolicy',
    id: 'ANPAZKAPJZG4HEADGATE3',
    path: '/aws-service-role/',
    version: 'v1',
    created: '2026-05-11T15:57:14Z',
    updated: '2026-05-11T15:57:14Z',
  },
];

/** Those that Headgate has, in the order of their names. */
export const awsManagedPolicies: readonly PolicyResource[] = published
  .map(policyOf)
  .toSorted((a, b) => (a.PolicyName < b.PolicyName ? -1 : 1));

const byArn = new Map(awsManagedPolicies.map((policy) => [policy.Arn, policy]));

export function awsManagedPolicy(arn: string): PolicyResource | undefined {
  return byArn.get(arn);
}

function policyOf({ name, id, path = '/', version, created, updated }: PublishedPolicy): PolicyResource {
  return {
    PolicyName: name,
    PolicyId: id,
    Path: path,
    Arn: `arn:aws:iam::aws:policy${path}${name}`,
    DefaultVersionId: version,
    CreateDate: created,
    UpdateDate: updated,
    Tags: [],
    versions: [
      {
        VersionId: version,
        CreateDate: updated,
        Document: JSON.stringify(awsManagedDocuments[name], null, 4),
      },
    ],
    nextVersion: Number(version.slice(1)) + 1,
  };
}
