/**
 * Who may do what: principals and their credentials, policy documents and their evaluation, as AWS describes it. It
 * knows nothing of HTTP: `wire` checks signatures, `api` asks here before it does anything.
 */
export {
  type AccessKey,
  administratorKey,
  createAccount,
  homeAccountId,
  keysOf,
  putAccessKey,
  resetAdministratorKey,
} from './account.ts';
export { Authorizer, serviceCaller } from './authorizer.ts';
export { awsManagedPolicies, awsManagedPolicy } from './aws-managed-policies.ts';
export type { Caller } from './caller.ts';
export {
  assumedRoleArn,
  Credentials,
  type NewSession,
  userCaller,
} from './credentials.ts';
export { denialSentence } from './denial-sentence.ts';
export { groupPolicies, type IdentityPolicies, rolePolicies, userPolicies } from './identity-policies.ts';
export {
  type AccessKeyResource,
  accessKeys,
  accounts,
  type GroupResource,
  groups,
  type InlinePolicies,
  type InstanceProfileResource,
  instanceProfiles,
  type PolicyResource,
  policies,
  type RoleResource,
  roles,
  type SessionResource,
  sessions,
  type Tag,
  type UserResource,
  users,
} from './kinds.ts';
export type { Decision, Permission } from './permission.ts';
export { type PolicyUse, parsePolicy } from './policy-rules.ts';
export { checkInlineSize, checkPolicySize } from './policy-size.ts';
export { SecretVault } from './secret-vault.ts';
export { ServiceAccess } from './service-access.ts';
export {
  type MatchedStatement,
  type SimulatedOutcome,
  type SimulatedPolicy,
  type SimulatedPrincipal,
  Simulation,
} from './simulation.ts';
export { resolvePrincipals, shownPrincipals } from './trust-principals.ts';
export { type IdPrefix, newUniqueId } from './unique-id.ts';
