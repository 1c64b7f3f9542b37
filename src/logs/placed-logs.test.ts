import { afterEach, beforeEach, expect, it } from 'vitest';
import { noonMs, OpenedLogs } from '../../test/open-logs.ts';
import { PlacedLogs } from './placed-logs.ts';

const home = { accountId: '123456789012', region: 'eu-central-1' };
const otherRegion = { ...home, region: 'us-west-2' };
const otherAccount = { ...home, accountId: '210987654321' };
const message = 'a line';

let opened: OpenedLogs;
let placed: PlacedLogs;
beforeEach(async () => {
  opened = await OpenedLogs.open();
  placed = new PlacedLogs({ store: opened.store, clock: () => opened.nowMs });
});
afterEach(async () => {
  await placed.close();
  await opened.close();
});

it('keeps groups of one name apart by account and Region, also in what comes after', async () => {
  for (const place of [home, otherRegion, otherAccount]) {
    const logs = placed.at(place);
    await logs.createLogGroup({ logGroupName: 'g' });
    await logs.createLogStream({ logGroupName: 'g', logStreamName: 's' });
  }
  await placed.at(otherRegion).putLogEvents({
    logGroupName: 'g',
    logStreamName: 's',
    logEvents: [{ timestamp: noonMs, message }],
  });
  const counts = async () =>
    Promise.all(
      [home, otherRegion, otherAccount].map(
        async (place) => (await placed.at(place).filterLogEvents({ logGroupName: 'g' })).events.length,
      ),
    );
  expect(await counts()).toEqual([0, 1, 0]);
  expect(
    placed
      .at(otherAccount)
      .describeLogGroups()
      .logGroups.map(({ arn }) => arn),
  ).toEqual(['arn:aws:logs:eu-central-1:210987654321:log-group:g:*']);
  await placed.at(home).deleteLogGroup({ logGroupName: 'g' });
  expect(await counts().catch(({ message: text }) => text)).toBe('The specified log group does not exist.');
  expect(placed.at(otherRegion).describeLogGroups().logGroups).toHaveLength(1);
  await opened.reopen();
  const again = new PlacedLogs({ store: opened.store });
  expect(again.at(home).describeLogGroups().logGroups).toEqual([]);
  expect((await again.at(otherRegion).filterLogEvents({ logGroupName: 'g' })).events[0].message).toBe(
    message,
  );
  await again.close();
});

it('keeps saved queries and lookup tables apart', async () => {
  await placed.at(home).putQueryDefinition({ name: 'q', queryString: 'fields @message' });
  await placed.at(home).createLookupTable({ lookupTableName: 't', tableBody: 'a,b\n1,2\n' });
  expect(placed.at(otherRegion).describeQueryDefinitions().queryDefinitions).toEqual([]);
  expect(placed.at(otherRegion).describeLookupTables().lookupTables).toEqual([]);
  expect(placed.at(home).describeQueryDefinitions().queryDefinitions).toHaveLength(1);
  expect(placed.at(home).describeLookupTables().lookupTables).toHaveLength(1);
});
