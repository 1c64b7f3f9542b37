import { expect, it } from 'vitest';
import { ignoresEndpoint } from './aws-program.ts';

it.each([
  ['aws-cli/2.9.19', true],
  ['aws-cli/2.12.7', true],
  ['aws-cli/2.13.0', false],
  ['aws-cli/2.31.4', false],
  ['aws-cli/1.28.9', true],
  ['aws-cli/1.29.0', false],
  ['aws-cli/1.45.11', false],
  ['aws-cli/3.0.0', false],
  ['something else', false],
])('%s takes no notice of AWS_ENDPOINT_URL: %s', (version, expected) => {
  expect(ignoresEndpoint(version)).toBe(expected);
});
