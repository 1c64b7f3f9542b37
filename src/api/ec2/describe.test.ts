import { afterAll, beforeAll, expect, it } from 'vitest';
import { OpenedEc2 } from '../../../test/open-ec2.ts';

let ec2: OpenedEc2;
beforeAll(async () => {
  ec2 = await OpenedEc2.open();
});
afterAll(() => ec2.close());

it.each([
  ['DescribeInstances', 0],
  ['DescribeInstances', 1001],
  ['DescribeInstanceStatus', 4],
  ['DescribeTags', -2_147_483_648],
])('%s has no pages of %s', async (action, MaxResults) => {
  expect(await ec2.refused(action, { MaxResults })).toMatch(
    /^InvalidParameterValue: Value \( -?\d+ \) for parameter maxResults is invalid\. Expecting a value /,
  );
});
