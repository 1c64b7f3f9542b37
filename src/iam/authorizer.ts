import type { ResourceView } from '../resource/index.ts';
import type { Caller } from './caller.ts';
import { CompiledPolicies } from './compiled-policies.ts';
import { assumedRoleArn } from './credentials.ts';
import { type Layers, layerVerdicts, outcome } from './evaluate.ts';
import { type IdentityPolicies, identityPolicies } from './identity-policies.ts';
import type { RoleResource } from './kinds.ts';
import type { Decision, Permission } from './permission.ts';
import { requestKeys } from './request-keys.ts';

/** Says whether callers may do what they want, by the policies as they are at that moment. */
export class Authorizer {
  readonly #resources: ResourceView;
  readonly #clock: () => number;
  readonly #compiled = new CompiledPolicies();

  /** `clock`: milliseconds since 1970. */
  constructor(resources: ResourceView, clock: () => number = Date.now) {
    this.#resources = resources;
    this.#clock = clock;
  }

  decide(permission: Permission): Decision {
    const { caller, action, resource } = permission;
    const isTrust = isAboutTrust(permission);
    if (isTrust && caller.kind === 'root')
      return { isAllowed: false, reason: 'implicit-deny', decidedBy: 'trust' };
    const own = identityPolicies(this.#resources, caller);
    const layers = this.#layers(permission, own, isTrust);
    const keys = requestKeys(permission, () => own.tags, this.#clock);
    const { verdict, by } = outcome(
      layers,
      layerVerdicts(layers, { caller, action: action.toLowerCase(), resource, keys }),
    );
    return {
      isAllowed: verdict === 'allow',
      reason: verdict === 'allow' ? 'allowed' : verdict === 'deny' ? 'explicit-deny' : 'implicit-deny',
      decidedBy: by === 'resource' && isTrust ? 'trust' : by,
    };
  }

  /**
   * Whether a service may become a session of a role: by the role's trust policy alone. `keys`: `aws:SourceArn`,
   * `aws:SourceAccount` …
   */
  mayAssume({ role, service, keys }: ServiceAssumption): boolean {
    return this.decide({
      caller: serviceCaller(service),
      action: 'sts:AssumeRole',
      resource: role.Arn,
      resourceAccount: accountOf(role),
      keys,
      resourcePolicy: role.AssumeRolePolicyDocument,
    }).isAllowed;
  }

  /** What a service is when it has assumed a role; no policies limit its session. */
  roleSession(role: RoleResource, sessionName: string): Caller {
    const accountId = accountOf(role);
    const issuedMs = this.#clock();
    return {
      kind: 'role-session',
      accountId,
      arn: assumedRoleArn(accountId, role.RoleName, sessionName),
      userId: `${role.RoleId}:${sessionName}`,
      session: {
        roleArn: role.Arn,
        roleId: role.RoleId,
        sessionName,
        policies: [],
        tags: {},
        issuedMs,
        expiresMs: issuedMs + role.MaxSessionDuration * 1000,
      },
    };
  }

  #layers(permission: Permission, own: IdentityPolicies, isTrust: boolean): Layers {
    const { caller, resourceAccount, resourcePolicy } = permission;
    const of = (text: string) => this.#compiled.of(text);
    const sessionPolicies = caller.session?.policies ?? [];
    const hasNoLimits = caller.kind === 'root' || caller.kind === 'service';
    return {
      identity: hasNoLimits ? undefined : own.policies.map(({ text }) => of(text)),
      boundary: own.boundary && [of(own.boundary.text)],
      session: sessionPolicies.length > 0 ? sessionPolicies.map(of) : undefined,
      resource: resourcePolicy === undefined ? undefined : of(resourcePolicy),
      isTrust,
      // A service is of no account: only the resource's policy lets it in.
      isSameAccount: caller.kind !== 'service' && (resourceAccount ?? caller.accountId) === caller.accountId,
    };
  }
}

interface ServiceAssumption {
  readonly role: RoleResource;
  /** `vpc-flow-logs.amazonaws.com` */
  readonly service: string;
  readonly keys: Permission['keys'];
}

/** What STS does with a role is asked of the role's trust policy. */
function isAboutTrust({ action, resourcePolicy }: Permission): boolean {
  return resourcePolicy !== undefined && /^sts:/i.test(action);
}

/** A service of AWS that acts for itself: `vpc-flow-logs.amazonaws.com`. */
export function serviceCaller(service: string): Caller {
  return { kind: 'service', accountId: '', arn: service, userId: service, service };
}

function accountOf({ Arn }: RoleResource): string {
  return Arn.split(':')[4];
}
