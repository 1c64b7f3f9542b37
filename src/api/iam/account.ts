import type { CreateAccountAliasRequest, ListAccountAliasesRequest } from '@aws-sdk/client-iam';
import { accounts, groups, instanceProfiles, policies, roles, users } from '../../iam/index.ts';
import { globalPlace, type ResourceView } from '../../resource/index.ts';
import type { Action, Call } from '../action.ts';
import type { Checked } from '../checked.ts';
import { errors } from './errors.ts';
import { type IamParts, placeOf } from './iam-parts.ts';
import { policyUses } from './managed-policies.ts';
import { markedPage } from './marked-page.ts';

/** The quotas that GetAccountSummary tells ("IAM and AWS STS quotas"), those that Headgate keeps. */
const quotas = {
  UsersQuota: 5000,
  GroupsQuota: 300,
  RolesQuota: 1000,
  InstanceProfilesQuota: 1000,
  PoliciesQuota: 1500,
  PolicySizeQuota: 6144,
  UserPolicySizeQuota: 2048,
  GroupPolicySizeQuota: 5120,
  AssumeRolePolicySizeQuota: 2048,
  AttachedPoliciesPerUserQuota: 10,
  AttachedPoliciesPerGroupQuota: 10,
  AttachedPoliciesPerRoleQuota: 10,
  AccessKeysPerUserQuota: 2,
  GroupsPerUserQuota: 10,
  VersionsPerPolicyQuota: 5,
  PolicyVersionsInUseQuota: 10_000,
} as const;

/** Of what Headgate does not have. */
const absent = {
  Providers: 0,
  ServerCertificates: 0,
  ServerCertificatesQuota: 20,
  SigningCertificatesPerUserQuota: 2,
  MFADevices: 0,
  MFADevicesInUse: 0,
  AccountMFAEnabled: 0,
  AccountAccessKeysPresent: 0,
  AccountSigningCertificatesPresent: 0,
  AccountPasswordPresent: 0,
  GlobalEndpointTokenVersion: 2,
} as const;

export function accountActions({ resources }: IamParts) {
  const GetAccountSummary: Action = {
    run: (_, call) => ({ SummaryMap: summary(resources, call) }),
  };
  const ListAccountAliases: Action<Checked<ListAccountAliasesRequest>> = {
    run: (input, call) => {
      const alias = resources.get(accounts, globalPlace, call.caller.accountId)?.alias;
      const page = markedPage(alias === undefined ? [] : [alias], (name) => name, input, call);
      return { AccountAliases: page.items, ...page.marks };
    },
  };
  const CreateAccountAlias: Action<Checked<CreateAccountAliasRequest>> = {
    run: ({ AccountAlias }, call) =>
      resources.write((draft) => {
        checkAlias(draft, AccountAlias);
        const account = accountOf(draft, call);
        draft.put(accounts, globalPlace, account.accountId, { ...account, alias: AccountAlias });
      }),
  };
  const DeleteAccountAlias: Action<Checked<CreateAccountAliasRequest>> = {
    run: ({ AccountAlias }, call) =>
      resources.write((draft) => {
        const { alias, ...account } = accountOf(draft, call);
        if (alias !== AccountAlias) {
          throw errors.noSuchEntity(`The account alias ${AccountAlias} cannot be found.`);
        }
        draft.put(accounts, globalPlace, account.accountId, account);
      }),
  };
  const GetAccountPasswordPolicy: Action = {
    run: (_, call) => {
      throw errors.noSuchEntity(
        `The Password Policy with domain name ${call.caller.accountId} cannot be found.`,
      );
    },
  };
  return {
    GetAccountSummary,
    ListAccountAliases,
    CreateAccountAlias,
    DeleteAccountAlias,
    GetAccountPasswordPolicy,
  };
}

function summary(view: ResourceView, call: Call): Record<string, number> {
  const place = placeOf(call);
  const { attachments } = policyUses(view, place);
  const found = [...view.list(policies, place)];
  return {
    Users: count(view.list(users, place)),
    Groups: count(view.list(groups, place)),
    Roles: count(view.list(roles, place)),
    InstanceProfiles: count(view.list(instanceProfiles, place)),
    Policies: found.length,
    PolicyVersionsInUse: found.reduce((sum, { versions }) => sum + versions.length, 0),
    AttachedPolicies: attachments.size,
    ...quotas,
    ...absent,
  };
}

function count(items: Iterable<unknown>): number {
  return [...items].length;
}

function accountOf(view: ResourceView, { caller }: Call) {
  const account = view.get(accounts, globalPlace, caller.accountId);
  if (!account) throw errors.noSuchEntity(`The account ${caller.accountId} cannot be found.`);
  return account;
}

/** No two accounts have the same alias; a new one takes the place of the account's own. */
function checkAlias(view: ResourceView, wanted: string): void {
  if ([...view.list(accounts, globalPlace)].some(({ alias }) => alias === wanted)) {
    throw errors.entityAlreadyExists(`The account alias ${wanted} already exists.`);
  }
}
