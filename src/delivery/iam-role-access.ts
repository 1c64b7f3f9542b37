import type { Authorizer } from '../iam/authorizer.ts';
import { type RoleResource, roles } from '../iam/kinds.ts';
import { iamPlace, type ResourceView } from '../resource/index.ts';
import type { DeliverySource, RoleAccess, RoleSession } from './role-access.ts';

const service = 'vpc-flow-logs.amazonaws.com';
const sessionName = 'vpc-flow-logs';

/** Roles by their policies: the trust policy with the flow log as the source, then the policies of the role itself. */
export class IamRoleAccess implements RoleAccess {
  readonly #resources: ResourceView;
  readonly #authorizer: Pick<Authorizer, 'mayAssume' | 'roleSession' | 'decide'>;

  constructor(resources: ResourceView, authorizer: Pick<Authorizer, 'mayAssume' | 'roleSession' | 'decide'>) {
    this.#resources = resources;
    this.#authorizer = authorizer;
  }

  assume(roleArn: string, { accountId, arn }: DeliverySource): RoleSession | undefined {
    const role = this.#roleOf(accountId, roleArn);
    if (!role) return undefined;
    const keys = { 'aws:SourceAccount': accountId, 'aws:SourceArn': arn };
    if (!this.#authorizer.mayAssume({ role, service, keys })) return undefined;
    const caller = this.#authorizer.roleSession(role, sessionName);
    return {
      isAllowed: (action, resource) =>
        this.#authorizer.decide({ caller, action, resource, keys: {} }).isAllowed,
    };
  }

  /** Only of the flow log's own account; a role that was made anew under its name is the role. */
  #roleOf(accountId: string, roleArn: string): RoleResource | undefined {
    const role = this.#resources.get(roles, iamPlace(accountId), roleArn.slice(roleArn.lastIndexOf('/') + 1));
    return role?.Arn === roleArn ? role : undefined;
  }
}
