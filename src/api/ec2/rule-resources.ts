import type { SecurityGroupRule, Tag } from '@aws-sdk/client-ec2';
import { newId, type Place, type ResourceView, type Stored } from '../../resource/index.ts';
import { type RuleTerms, securityGroupRules } from '../../vpc/index.ts';
import { ec2Arn } from './arns.ts';

export type RuleResource = Stored<SecurityGroupRule>;

/** A rule of a group, with an id. */
export function newRule(place: Place, groupId: string, terms: RuleTerms, tags: Stored<Tag>[]): RuleResource {
  const id = newId('sgr');
  return {
    SecurityGroupRuleId: id,
    SecurityGroupRuleArn: ec2Arn(place, 'security-group-rule', id),
    GroupId: groupId,
    GroupOwnerId: place.accountId,
    ...terms,
    Tags: tags,
  };
}

export function rulesOf(view: ResourceView, place: Place, groupId: string): RuleResource[] {
  return [...view.list(securityGroupRules, place)].filter((rule) => rule.GroupId === groupId);
}
