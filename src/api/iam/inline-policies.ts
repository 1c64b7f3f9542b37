import { checkInlineSize, parsePolicy } from '../../iam/index.ts';
import type { Resources } from '../../resource/index.ts';
import type { Action, Call } from '../action.ts';
import { shownDocument } from './documents.ts';
import {
  boundedTarget,
  checkModifiable,
  entityTarget,
  findEntity,
  groupEntity,
  type Identity,
  type IdentityKind,
  nameOf,
  putEntity,
  roleEntity,
  userEntity,
} from './entities.ts';
import { errors } from './errors.ts';
import { type IamParts, placeOf } from './iam-parts.ts';
import { markedPage, type PageInput } from './marked-page.ts';

interface InlineInput extends PageInput {
  readonly PolicyName: string;
  readonly PolicyDocument: string;
}

/** PutRolePolicy, GetRolePolicy, ListRolePolicies, DeleteRolePolicy, and those of users and groups. */
export function inlinePolicyActions({ resources }: IamParts): Readonly<Record<string, Action>> {
  return {
    ...actionsOf(resources, userEntity),
    ...actionsOf(resources, groupEntity),
    ...actionsOf(resources, roleEntity),
  };
}

function actionsOf<T extends Identity>(
  resources: Resources,
  entity: IdentityKind<T>,
): Readonly<Record<string, Action<InlineInput>>> {
  const { label, noun, nameMember } = entity;
  const nameIn = (input: object) => nameOf(nameMember, input);
  const targets = (input: InlineInput, call: Call) => [entityTarget(resources, entity, nameIn(input), call)];
  const changing = (input: InlineInput, call: Call) => [
    boundedTarget(resources, entity, nameIn(input), call),
  ];
  const missing = (name: string) =>
    errors.noSuchEntity(`The ${noun} policy with name ${name} cannot be found.`);
  return {
    [`Put${label}Policy`]: {
      targets: changing,
      run: (input, call) =>
        resources.write((draft) => {
          const found = findEntity(draft, placeOf(call), entity, nameIn(input));
          checkModifiable(found, nameIn(input));
          parsePolicy(input.PolicyDocument, 'identity');
          const inlinePolicies = { ...found.inlinePolicies, [input.PolicyName]: input.PolicyDocument };
          checkInlineSize(noun, nameIn(input), Object.values(inlinePolicies));
          putEntity(draft, placeOf(call), entity, { ...found, inlinePolicies });
        }),
    },
    [`Get${label}Policy`]: {
      targets,
      run: (input, call) => {
        const { PolicyName } = input;
        const { inlinePolicies } = findEntity(resources, placeOf(call), entity, nameIn(input));
        if (!Object.hasOwn(inlinePolicies, PolicyName)) throw missing(PolicyName);
        return {
          [nameMember]: nameIn(input),
          PolicyName,
          PolicyDocument: shownDocument(inlinePolicies[PolicyName]),
        };
      },
    },
    [`List${label}Policies`]: {
      targets,
      run: (input, call) => {
        const { inlinePolicies } = findEntity(resources, placeOf(call), entity, nameIn(input));
        const page = markedPage(Object.keys(inlinePolicies), (name) => name, input, call, nameIn(input));
        return { PolicyNames: page.items, ...page.marks };
      },
    },
    [`Delete${label}Policy`]: {
      targets: changing,
      run: (input, call) =>
        resources.write((draft) => {
          const { PolicyName } = input;
          const found = findEntity(draft, placeOf(call), entity, nameIn(input));
          checkModifiable(found, nameIn(input));
          if (!Object.hasOwn(found.inlinePolicies, PolicyName)) throw missing(PolicyName);
          const { [PolicyName]: _, ...inlinePolicies } = found.inlinePolicies;
          putEntity(draft, placeOf(call), entity, { ...found, inlinePolicies });
        }),
    },
  };
}
