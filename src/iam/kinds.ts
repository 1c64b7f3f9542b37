import { type Kind, kind } from '../resource/index.ts';

/** Of resources with tags. */
export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

/** Inline policies by name, each its document as it was given. */
export type InlinePolicies = Readonly<Record<string, string>>;

/** At `iamPlace`, by name; as all IAM resources that have one. Names are unique without regard to case. */
export interface UserResource {
  readonly UserName: string;
  readonly UserId: string;
  readonly Path: string;
  readonly Arn: string;
  readonly CreateDate: string;
  readonly Tags: readonly Tag[];
  readonly PermissionsBoundary?: string;
  readonly inlinePolicies: InlinePolicies;
  /** ARNs. */
  readonly attachedPolicies: readonly string[];
}

export interface GroupResource {
  readonly GroupName: string;
  readonly GroupId: string;
  readonly Path: string;
  readonly Arn: string;
  readonly CreateDate: string;
  readonly inlinePolicies: InlinePolicies;
  readonly attachedPolicies: readonly string[];
  /** Names of users. */
  readonly members: readonly string[];
}

export interface RoleResource {
  readonly RoleName: string;
  readonly RoleId: string;
  readonly Path: string;
  readonly Arn: string;
  readonly CreateDate: string;
  readonly Description?: string;
  /** The trust policy, as it was given. */
  readonly AssumeRolePolicyDocument: string;
  /** Seconds. */
  readonly MaxSessionDuration: number;
  readonly PermissionsBoundary?: string;
  readonly Tags: readonly Tag[];
  readonly inlinePolicies: InlinePolicies;
  readonly attachedPolicies: readonly string[];
}

/** By ARN. Those of AWS are not stored: they are part of Headgate. */
export interface PolicyResource {
  readonly PolicyName: string;
  readonly PolicyId: string;
  readonly Path: string;
  readonly Arn: string;
  readonly Description?: string;
  readonly DefaultVersionId: string;
  readonly CreateDate: string;
  readonly UpdateDate: string;
  readonly Tags: readonly Tag[];
  /** At most five; numbers are never used again. */
  readonly versions: readonly {
    readonly VersionId: string;
    readonly CreateDate: string;
    readonly Document: string;
  }[];
  readonly nextVersion: number;
}

export interface InstanceProfileResource {
  readonly InstanceProfileName: string;
  readonly InstanceProfileId: string;
  readonly Path: string;
  readonly Arn: string;
  readonly CreateDate: string;
  readonly Tags: readonly Tag[];
  /** The name of its role. */
  readonly role?: string;
}

/** At `globalPlace`, by access key id: a request tells nothing else of its account. */
export interface AccessKeyResource {
  readonly AccessKeyId: string;
  readonly accountId: string;
  readonly UserName: string;
  readonly Status: 'Active' | 'Inactive';
  readonly CreateDate: string;
  /** As `SecretVault` encrypts it. */
  readonly encryptedSecret: string;
}

/** At `globalPlace`, by its temporary access key id (`ASIA…`). */
export interface SessionResource {
  readonly AccessKeyId: string;
  readonly accountId: string;
  readonly encryptedSecret: string;
  /** SHA-256 of the session token, in hex: a token is checked against it. */
  readonly tokenHash: string;
  /** Of a role session; absent in what GetSessionToken gave: that acts as its user. */
  readonly roleName?: string;
  readonly roleId?: string;
  readonly UserName?: string;
  readonly userId?: string;
  readonly sessionName: string;
  readonly policies: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  readonly transitiveTagKeys?: readonly string[];
  readonly sourceIdentity?: string;
  readonly issuedMs: number;
  readonly expiresMs: number;
}

/** At `globalPlace`, by account id. */
export interface AccountResource {
  readonly accountId: string;
  readonly name: string;
  readonly isHome: boolean;
  readonly CreateDate: string;
  /** An account has one at most; no other account has the same. */
  readonly alias?: string;
}

export const users: Kind<UserResource> = kind('iam-user');
export const groups: Kind<GroupResource> = kind('iam-group');
export const roles: Kind<RoleResource> = kind('iam-role');
export const policies: Kind<PolicyResource> = kind('iam-policy');
export const instanceProfiles: Kind<InstanceProfileResource> = kind('iam-instance-profile');
export const accessKeys: Kind<AccessKeyResource> = kind('iam-access-key');
export const sessions: Kind<SessionResource> = kind('iam-session');
export const accounts: Kind<AccountResource> = kind('account');
