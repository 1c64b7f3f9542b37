/** Whose a resource is, and in which Region. */
export interface Place {
  /** 12 digits; empty for what belongs to the installation, such as the index of access keys. */
  readonly accountId: string;
  /** Empty for what has no Region: IAM. */
  readonly region: string;
}

/** Of what no account owns. */
export const globalPlace: Place = { accountId: '', region: '' };

/** IAM is one per account. */
export function iamPlace(accountId: string): Place {
  return { accountId, region: '' };
}

export function placeKey({ accountId, region }: Place): string {
  return `${accountId}/${region}`;
}
