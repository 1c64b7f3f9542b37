import { iamPlace, type ResourceView } from '../resource/index.ts';
import { type Authorizer, serviceCaller } from './authorizer.ts';
import { type RoleResource, roles } from './kinds.ts';

/** On whose behalf a service acts: condition keys of trust policies and of resources' policies. */
export interface ServiceSource {
  /** As IAM knows the service: `vpc-flow-logs.amazonaws.com`. */
  readonly service: string;
  /** `aws:SourceAccount` */
  readonly accountId: string;
  /** `aws:SourceArn`: of a flow log, a delivery stream, a log group. */
  readonly arn: string;
  /** `sts:ExternalId`: Firehose gives the account's id. */
  readonly externalId?: string;
}

/** Of a resource that has an owner, and perhaps a policy, of its own: a bucket. */
export interface ResourceOwner {
  readonly account: string;
  readonly policy?: string;
}

/** What a service may do in the name of a role, as things are now. */
export interface RoleSession {
  /** `keys`: of the resource: `aws:ResourceTag/…`. */
  isAllowed(
    action: string,
    resource: string,
    keys?: Readonly<Record<string, string>>,
    owner?: ResourceOwner,
  ): boolean;
  /** Another role, of any account, where this one may assume it and that one trusts it. */
  assume(roleArn: string): RoleSession | undefined;
}

/** A request of a service that acts for itself: only the policy of the resource can let it in. */
export interface ServiceRequest {
  readonly source: ServiceSource;
  /** `s3:PutObject` */
  readonly action: string;
  readonly resource: string;
  readonly resourceAccount: string;
  /** Nothing is allowed where there is none. */
  readonly resourcePolicy: string | undefined;
  /** Besides `aws:SourceAccount` and `aws:SourceArn`: `s3:x-amz-acl`. */
  readonly keys?: Readonly<Record<string, string>>;
}

/** What services of AWS may, when nobody has sent them a request: asked anew at each delivery. */
export class ServiceAccess {
  readonly #view: ResourceView;
  readonly #authorizer: Authorizer;

  constructor(view: ResourceView, authorizer: Authorizer) {
    this.#view = view;
    this.#authorizer = authorizer;
  }

  /** Undefined: the role is not there, is another account's, or does not trust the service for this source. */
  assume(roleArn: string, source: ServiceSource): RoleSession | undefined {
    // Whoever may have a service deliver must not get at another account's roles through it.
    if (roleArn.split(':')[4] !== source.accountId) return undefined;
    const role = this.#roleOf(roleArn);
    const { service } = source;
    if (!role || !this.#authorizer.mayAssume({ role, service, keys: sourceKeys(source) })) return undefined;
    return this.#session(role, service);
  }

  #session(role: RoleResource, name: string): RoleSession {
    const caller = this.#authorizer.roleSession(role, name);
    return {
      isAllowed: (action, resource, keys = {}, owner = undefined) =>
        this.#authorizer.decide({
          caller,
          action,
          resource,
          keys,
          ...(owner && { resourceAccount: owner.account }),
          ...(owner?.policy !== undefined && { resourcePolicy: owner.policy }),
        }).isAllowed,
      assume: (roleArn) => {
        const next = this.#roleOf(roleArn);
        const isAllowed =
          next !== undefined &&
          this.#authorizer.decide({
            caller,
            action: 'sts:AssumeRole',
            resource: roleArn,
            resourceAccount: roleArn.split(':')[4],
            resourcePolicy: next.AssumeRolePolicyDocument,
            keys: {},
          }).isAllowed;
        return isAllowed ? this.#session(next, name) : undefined;
      },
    };
  }

  isAllowed({ source, action, resource, resourceAccount, resourcePolicy, keys }: ServiceRequest): boolean {
    if (resourcePolicy === undefined) return false;
    return this.#authorizer.decide({
      caller: serviceCaller(source.service),
      action,
      resource,
      resourceAccount,
      resourcePolicy,
      keys: { ...keys, ...sourceKeys(source) },
    }).isAllowed;
  }

  #roleOf(arn: string): RoleResource | undefined {
    const [, accountId, name] = /^arn:[^:]+:iam::([0-9]{12}):role\/(?:.*\/)?([^/]+)$/.exec(arn) ?? [];
    if (accountId === undefined || name === undefined) return undefined;
    const role = this.#view.get(roles, iamPlace(accountId), name);
    return role?.Arn === arn ? role : undefined;
  }
}

function sourceKeys({ accountId, arn, externalId }: ServiceSource): Readonly<Record<string, string>> {
  return {
    'aws:SourceAccount': accountId,
    'aws:SourceArn': arn,
    ...(externalId !== undefined && { 'sts:ExternalId': externalId }),
  };
}
