import type { Place, ResourceView } from '../../resource/index.ts';
import { prefixLists, type RuleTerms } from '../../vpc/index.ts';
import { ec2Errors } from './errors.ts';

/** Rules of a security group in one direction, of one address family ("Amazon VPC quotas"). */
const mostRules = 60;

/**
 * A rule about a group or a prefix list counts for both families, and one about a prefix list as often as the list may
 * have entries.
 * @throws ServiceError `RulesPerSecurityGroupLimitExceeded`
 */
export function checkRuleCount(
  view: ResourceView,
  place: Place,
  rules: readonly RuleTerms[],
  isEgress: boolean,
): void {
  const counts = [0, 0];
  for (const rule of rules) {
    if ((rule.IsEgress ?? false) !== isEgress) continue;
    const weight = weightOf(view, place, rule);
    if (rule.CidrIpv6 === undefined) counts[0] += weight;
    if (rule.CidrIpv4 === undefined) counts[1] += weight;
  }
  if (Math.max(...counts) <= mostRules) return;
  throw ec2Errors.limitExceeded(
    'RulesPerSecurityGroupLimitExceeded',
    'The maximum number of rules per security group has been reached.',
  );
}

function weightOf(view: ResourceView, place: Place, { PrefixListId }: RuleTerms): number {
  if (PrefixListId === undefined) return 1;
  return view.get(prefixLists, place, PrefixListId)?.MaxEntries ?? 1;
}
