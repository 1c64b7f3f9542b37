import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../fault/index.ts';
import { fields } from './fields.ts';
import { defaultLogFormat, logFormat, parseHeader, parseLogFormat } from './log-format.ts';

const dollar = (text: string) => text.replaceAll('{', '${');

describe('parseLogFormat', () => {
  it.each([
    { name: 'one field', text: '{srcaddr}', version: 2 },
    { name: 'the highest version counts', text: '{srcaddr} {az-id} {tcp-flags}', version: 4 },
    { name: 'version 11', text: '{next-hop-az-id} {version}', version: 11 },
    { name: 'Headgate’s own do not raise it', text: '{decided-by} {srcaddr} {initiator}', version: 2 },
    { name: 'only Headgate’s own', text: '{initiator}', version: 2 },
  ])('$name', ({ text, version }) => {
    expect(parseLogFormat(dollar(text))).toMatchObject({ text: dollar(text), version });
  });

  it('reads back every format that it writes', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...fields], { minLength: 1 }), (chosen) => {
        const format = logFormat(chosen);
        expect(parseLogFormat(format.text)).toEqual(format);
      }),
    );
  });

  it.each([
    { name: 'empty', text: '', message: 'empty, at character 0', detail: 'at least one field' },
    { name: 'only a space', text: ' ', message: 'begins with a space, at character 0', detail: '${' },
    {
      name: 'a leading space',
      text: ' {srcaddr}',
      message: 'begins with a space, at character 0',
      detail: '${',
    },
    {
      name: 'a trailing space',
      text: '{srcaddr} ',
      message: 'ends in a space, at character 10',
      detail: 'nothing after',
    },
    {
      name: 'two spaces',
      text: '{srcaddr}  {dstaddr}',
      message: 'two spaces between fields, at character 11',
      detail: '${',
    },
    {
      name: 'a comma',
      text: '{srcaddr},{dstaddr}',
      message: 'after a field, at character 10',
      detail: 'one space',
    },
    { name: 'no space', text: '{srcaddr}{dstaddr}', message: 'at character 10', detail: 'one space' },
    {
      name: 'a bare name',
      text: 'srcaddr',
      message: 'found "srcaddr" outside of',
      detail: '${',
    },
    { name: 'quotes', text: "'{srcaddr}'", message: 'at character 0', detail: '${' },
    {
      name: 'an unknown field',
      text: '{srcaddr} {dstadr}',
      message: 'unknown field "dstadr", at character 13',
      detail: 'perhaps dstaddr',
    },
    { name: 'the name in a column', text: '{account_id}', message: 'unknown', detail: 'perhaps account-id' },
    { name: 'the name in Insights', text: '{startTime}', message: 'unknown', detail: 'perhaps start' },
    {
      name: 'nothing like it',
      text: '{colour}',
      message: 'unknown field "colour"',
      detail: 'headgate fields',
    },
    { name: 'no name', text: '{}', message: 'unknown field "", at character 2', detail: 'headgate fields' },
    { name: 'not closed', text: '{srcaddr} {dst', message: '${ is not closed, at character 11', detail: '}' },
    {
      name: 'twice',
      text: '{srcaddr} {srcaddr}',
      message: 'srcaddr is there twice, at character 13',
      detail: 'once',
    },
  ])('refuses $name', ({ text, message, detail }) => {
    expect(() => parseLogFormat(dollar(text))).toThrow(
      expect.objectContaining({
        name: 'ConfigError',
        code: 'LogFormatInvalid',
        message: expect.stringContaining(message),
        details: [expect.stringContaining(detail)],
      }),
    );
  });

  it('refuses anything else with an error of its own', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (text) => {
        expect(() => parseLogFormat(text)).toThrow(ConfigError);
      }),
    );
  });
});

describe('defaultLogFormat', () => {
  it('is AWS’s', () => {
    expect(defaultLogFormat.version).toBe(2);
    expect(defaultLogFormat.text).toBe(
      dollar(
        '{version} {account-id} {interface-id} {srcaddr} {dstaddr} {srcport} {dstport} {protocol} ' +
          '{packets} {bytes} {start} {end} {action} {log-status}',
      ),
    );
  });
});

describe('parseHeader', () => {
  it('reads field names', () => {
    expect(parseHeader('flow-direction traffic-path').text).toBe(dollar('{flow-direction} {traffic-path}'));
  });

  it.each([
    { name: 'empty', text: '', message: 'at character 0' },
    { name: 'two spaces', text: 'srcaddr  dstaddr', message: 'empty name, at character 8' },
    { name: 'unknown', text: 'srcaddr nonsense', message: 'unknown field "nonsense", at character 8' },
  ])('refuses $name', ({ text, message }) => {
    expect(() => parseHeader(text)).toThrow(message);
  });
});
