import type { DeliverySource, RoleAccess, RoleSession } from '../../delivery/index.ts';
import { type Authorizer, type RoleResource, roles } from '../../iam/index.ts';
import { iamPlace, type ResourceView } from '../../resource/index.ts';

/** Who assumes the roles of flow logs. */
const service = 'vpc-flow-logs.amazonaws.com';

/** Roles as the flow log service finds them at each delivery. */
export class ServiceRoles implements RoleAccess {
  readonly #view: ResourceView;
  readonly #authorizer: Authorizer;

  constructor(view: ResourceView, authorizer: Authorizer) {
    this.#view = view;
    this.#authorizer = authorizer;
  }

  assume(roleArn: string, source: DeliverySource): RoleSession | undefined {
    const role = this.#roleOf(roleArn);
    const keys = { 'aws:SourceAccount': source.accountId, 'aws:SourceArn': source.arn };
    // Whoever may create flow logs must not get at another account's roles through the service.
    if (accountIn(roleArn) !== source.accountId) return undefined;
    if (!role || !this.#authorizer.mayAssume({ role, service, keys })) return undefined;
    const caller = this.#authorizer.roleSession(role, service);
    return {
      isAllowed: (action, resource) =>
        this.#authorizer.decide({ caller, action, resource, keys: {} }).isAllowed,
    };
  }

  #roleOf(arn: string): RoleResource | undefined {
    const [, accountId, name] = /^arn:[^:]+:iam::([0-9]{12}):role\/(?:.*\/)?([^/]+)$/.exec(arn) ?? [];
    if (accountId === undefined || name === undefined) return undefined;
    const role = this.#view.get(roles, iamPlace(accountId), name);
    return role?.Arn === arn ? role : undefined;
  }
}

function accountIn(arn: string): string | undefined {
  return arn.split(':')[4];
}
