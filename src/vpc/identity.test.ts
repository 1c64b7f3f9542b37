import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderOf } from '../../test/network-folder.ts';
import { keepIdentity, resolveIdentity } from './identity.ts';

describe('resolveIdentity', () => {
  const kept = { accountId: '111111111111', region: 'eu-west-1', azId: 'euw1-az2' };
  it.each([
    {
      name: 'defaults',
      options: {},
      env: {},
      file: undefined,
      expected: { accountId: '123456789012', region: 'us-east-1', azId: 'use1-az1' },
    },
    {
      name: '$AWS_REGION',
      options: {},
      env: { AWS_REGION: 'us-gov-west-1' },
      file: undefined,
      expected: { accountId: '123456789012', region: 'us-gov-west-1', azId: 'use1-az1' },
    },
    {
      name: 'empty $AWS_REGION',
      options: {},
      env: { AWS_REGION: '' },
      file: undefined,
      expected: { accountId: '123456789012', region: 'us-east-1', azId: 'use1-az1' },
    },
    {
      name: 'kept before $AWS_REGION',
      options: {},
      env: { AWS_REGION: 'us-west-2' },
      file: kept,
      expected: kept,
    },
    {
      name: 'options before kept',
      options: { account: '222222222222', region: 'ap-southeast-2', azId: 'apse2-az3' },
      env: {},
      file: kept,
      expected: { accountId: '222222222222', region: 'ap-southeast-2', azId: 'apse2-az3' },
    },
    {
      name: 'kept in part',
      options: {},
      env: {},
      file: { region: 'eu-west-1' },
      expected: { accountId: '123456789012', region: 'eu-west-1', azId: 'use1-az1' },
    },
  ])('$name', ({ options, env, file, expected }) => {
    const folder = folderOf(file ? { 'identity.json': file } : {});
    expect(resolveIdentity(options, env, folder)).toEqual(expected);
  });

  it.each([
    {
      name: 'account',
      options: { account: '1234' },
      env: {},
      file: {},
      message: '--account: found "1234", expected an account id of 12 digits',
    },
    {
      name: 'Region',
      options: { region: '../x' },
      env: {},
      file: {},
      message: '--region: found "../x", expected a Region such as us-east-1',
    },
    {
      name: '$AWS_REGION',
      options: {},
      env: { AWS_REGION: 'US-EAST-1' },
      file: {},
      message: '$AWS_REGION: found "US-EAST-1", expected a Region such as us-east-1',
    },
    {
      name: 'kept',
      options: {},
      env: {},
      file: { accountId: 123456789012 },
      message: 'identity.json: $.accountId: found 123456789012, expected an account id of 12 digits',
    },
    {
      name: 'a file that is no object',
      options: {},
      env: {},
      file: [],
      message: 'identity.json: expected a JSON object with accountId, region and azId',
    },
  ])('refuses a wrong $name', ({ options, env, file, message }) => {
    const folder = folderOf({ 'identity.json': file });
    expect(() => resolveIdentity(options, env, folder)).toThrow(
      expect.objectContaining({ code: 'InvalidIdentity', message: expect.stringContaining(message) }),
    );
  });
});

describe('keepIdentity', () => {
  it('keeps the identity for the next run, and nothing else', () => {
    const folder = path.join(folderOf({}), 'headgate-data');
    const identity = resolveIdentity({ region: 'eu-north-1' }, {});
    keepIdentity(folder, identity);
    keepIdentity(folder, identity);
    expect(resolveIdentity({}, {}, folder)).toEqual(identity);
    expect(readdirSync(folder)).toEqual(['identity.json']);
    expect(JSON.parse(readFileSync(path.join(folder, 'identity.json'), 'utf8'))).toEqual(identity);
  });

  it('says where it could not', () => {
    const folder = folderOf({ file: 'x' });
    expect(() => keepIdentity(path.join(folder, 'file', 'data'), resolveIdentity({}, {}))).toThrow(
      expect.objectContaining({ name: 'ConfigError' }),
    );
  });
});
