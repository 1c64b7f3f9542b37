/** A flow log on whose behalf the service acts: condition keys of trust policies. */
export interface DeliverySource {
  /** `aws:SourceAccount` */
  readonly accountId: string;
  /** `aws:SourceArn`: the flow log's. */
  readonly arn: string;
}

/** What the service may do in the name of a role, as things are now. */
export interface RoleSession {
  isAllowed(action: string, resource: string): boolean;
}

/** Roles as the service of flow logs can assume them. */
export interface RoleAccess {
  /** Undefined: the role is not there, or does not trust the service for this flow log. */
  assume(roleArn: string, source: DeliverySource): RoleSession | undefined;
}
