import type {
  CreatePolicyVersionRequest,
  DeletePolicyVersionRequest,
  GetPolicyVersionRequest,
  ListPolicyVersionsRequest,
  SetDefaultPolicyVersionRequest,
} from '@aws-sdk/client-iam';
import { type PolicyResource, policies } from '../../iam/index.ts';
import type { Draft } from '../../resource/index.ts';
import type { Action, Call } from '../action.ts';
import type { Checked } from '../checked.ts';
import { checkManagedDocument, shownDocument } from './documents.ts';
import { errors } from './errors.ts';
import { type IamParts, nowText, placeOf } from './iam-parts.ts';
import { findOwnPolicy, findPolicy, policyTarget } from './managed-policies.ts';
import { markedPage } from './marked-page.ts';

const mostVersions = 5;

type Version = PolicyResource['versions'][number];

export function policyVersionActions({ resources }: IamParts) {
  const ofPolicy = ({ PolicyArn }: { readonly PolicyArn: string }, call: Call) => [
    policyTarget(resources, PolicyArn, call),
  ];
  const CreatePolicyVersion: Action<Checked<CreatePolicyVersionRequest>> = {
    targets: ofPolicy,
    run: (input, call) =>
      resources.write((draft) => {
        const policy = createVersion(draft, input, call);
        return { PolicyVersion: listed(policy, policy.versions[policy.versions.length - 1]) };
      }),
  };
  const GetPolicyVersion: Action<Checked<GetPolicyVersionRequest>> = {
    targets: ofPolicy,
    run: ({ PolicyArn, VersionId }, call) => {
      const policy = findPolicy(resources, placeOf(call), PolicyArn);
      const version = findVersion(policy, VersionId);
      return { PolicyVersion: { ...listed(policy, version), Document: shownDocument(version.Document) } };
    },
  };
  const ListPolicyVersions: Action<Checked<ListPolicyVersionsRequest>> = {
    targets: ofPolicy,
    run: (input, call) => {
      const policy = findPolicy(resources, placeOf(call), input.PolicyArn);
      const page = markedPage(policy.versions, newestFirst, input, call, input.PolicyArn);
      return { Versions: page.items.map((version) => listed(policy, version)), ...page.marks };
    },
  };
  const DeletePolicyVersion: Action<Checked<DeletePolicyVersionRequest>> = {
    targets: ofPolicy,
    run: ({ PolicyArn, VersionId }, call) =>
      resources.write((draft) => {
        const policy = findOwnPolicy(draft, call, PolicyArn);
        findVersion(policy, VersionId);
        if (VersionId === policy.DefaultVersionId) {
          throw errors.deleteConflict('Cannot delete the default version of a policy.');
        }
        const versions = policy.versions.filter((version) => version.VersionId !== VersionId);
        draft.put(policies, placeOf(call), PolicyArn, { ...policy, versions });
      }),
  };
  const SetDefaultPolicyVersion: Action<Checked<SetDefaultPolicyVersionRequest>> = {
    targets: ofPolicy,
    run: ({ PolicyArn, VersionId }, call) =>
      resources.write((draft) => {
        const policy = findOwnPolicy(draft, call, PolicyArn);
        findVersion(policy, VersionId);
        const after = { ...policy, DefaultVersionId: VersionId, UpdateDate: nowText(call) };
        draft.put(policies, placeOf(call), PolicyArn, after);
      }),
  };
  return {
    CreatePolicyVersion,
    GetPolicyVersion,
    ListPolicyVersions,
    DeletePolicyVersion,
    SetDefaultPolicyVersion,
  };
}

function createVersion(
  draft: Draft,
  { PolicyArn, PolicyDocument, SetAsDefault }: Checked<CreatePolicyVersionRequest>,
  call: Call,
): PolicyResource {
  const policy = findOwnPolicy(draft, call, PolicyArn);
  checkManagedDocument(PolicyDocument);
  if (policy.versions.length >= mostVersions) {
    throw errors.limitExceeded(
      'A managed policy can have up to 5 versions. Before you create a new version, you must delete an ' +
        'existing version.',
    );
  }
  const VersionId = `v${policy.nextVersion}`;
  const CreateDate = nowText(call);
  const after: PolicyResource = {
    ...policy,
    versions: [...policy.versions, { VersionId, CreateDate, Document: PolicyDocument }],
    nextVersion: policy.nextVersion + 1,
    UpdateDate: CreateDate,
    ...(SetAsDefault && { DefaultVersionId: VersionId }),
  };
  draft.put(policies, placeOf(call), PolicyArn, after);
  return after;
}

function findVersion({ Arn, versions }: PolicyResource, versionId: string): Version {
  const version = versions.find(({ VersionId }) => VersionId === versionId);
  if (version) return version;
  throw errors.noSuchEntity(`Policy ${Arn} version ${versionId} does not exist or is not attachable.`);
}

function listed({ DefaultVersionId }: PolicyResource, { VersionId, CreateDate }: Version) {
  return { VersionId, IsDefaultVersion: VersionId === DefaultVersionId, CreateDate };
}

/** A key by which lists begin with the newest version; numbers stay below a billion. */
function newestFirst({ VersionId }: Version): string {
  return String(1e9 - Number(VersionId.slice(1))).padStart(10, '0');
}
