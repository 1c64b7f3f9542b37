import { describe, expect, it } from 'vitest';
import { parseHeader } from '../../record/index.ts';
import { parseTagFieldSpecifications } from './tag-fields.ts';

const plain = parseHeader('srcaddr');

describe('parseTagFieldSpecifications', () => {
  it.each([
    { name: 'none', texts: [], expected: {} },
    { name: 'one key', texts: ['ResourceType=instance,TagKeys=Name'], expected: { instance: ['Name'] } },
    {
      name: 'two keys',
      texts: ['ResourceType=network-interface,TagKeys=Name,Owner'],
      expected: { 'network-interface': ['Name', 'Owner'] },
    },
    {
      name: 'several resource types',
      texts: ['ResourceType=instance,TagKeys=a', 'ResourceType=auto-scaling-group,TagKeys=b'],
      expected: { instance: ['a'], 'auto-scaling-group': ['b'] },
    },
    {
      name: 'a key with what AWS allows in one',
      texts: ['ResourceType=instance,TagKeys=aws:cost/team = a+b@c'],
      expected: { instance: ['aws:cost/team = a+b@c'] },
    },
  ])('reads $name', ({ texts, expected }) => {
    expect(parseTagFieldSpecifications(texts, plain)).toEqual(expected);
  });

  it.each([
    { name: 'an unknown resource type', text: 'ResourceType=vpc,TagKeys=Name' },
    { name: 'no key', text: 'ResourceType=instance,TagKeys=' },
    { name: 'three keys', text: 'ResourceType=instance,TagKeys=a,b,c' },
    { name: 'a key of 129 characters', text: `ResourceType=instance,TagKeys=${'k'.repeat(129)}` },
    { name: 'another order', text: 'TagKeys=Name,ResourceType=instance' },
    { name: 'a bare name', text: 'Name' },
  ])('refuses $name', ({ text }) => {
    expect(() => parseTagFieldSpecifications([text], plain)).toThrow(
      `--tag-field-specifications: found ${JSON.stringify(text)}, expected ResourceType=network-interface|instance|auto-scaling-group,TagKeys=KEY[,KEY]`,
    );
  });

  it.each(['instance-tag', 'instance-tag-2', 'interface-tag', 'interface-tag-2', 'asg-tag', 'asg-tag-2'])(
    'is needed for %s',
    (field) => {
      expect(() => parseTagFieldSpecifications([], parseHeader(`srcaddr ${field}`))).toThrow(
        'The TagFieldSpecifications parameter must be set',
      );
    },
  );
});
