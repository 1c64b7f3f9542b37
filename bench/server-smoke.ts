import { flowLogCount, freshHeadgate, makeFlowLogs, makeStreams, putBatches } from './served-account.ts';

/** The server answers what the benchmark asks of it: ten flow logs, and every line that was put. */
export async function smokeServer(): Promise<void> {
  const headgate = await freshHeadgate('server-smoke');
  try {
    await makeFlowLogs(headgate);
    const ids = (await headgate.ec2('DescribeFlowLogs')).match(/<flowLogId>/g) ?? [];
    if (ids.length !== flowLogCount) throw new Error(`${ids.length} flow logs, expected ${flowLogCount}`);
    await makeStreams(headgate);
    const batches = putBatches();
    for (const batch of batches) await headgate.logs('PutLogEvents', { ...batch });
    const lines = batches.length * batches[0].logEvents.length;
    const counted = await countLines(headgate, batches[0].logGroupName);
    if (counted !== lines) throw new Error(`${counted} lines, expected ${lines}`);
    process.stdout.write(`server: ${ids.length} flow logs, ${lines} lines put and counted\n`);
  } finally {
    await headgate.stop();
  }
}

async function countLines(
  headgate: Awaited<ReturnType<typeof freshHeadgate>>,
  logGroupName: string,
): Promise<number> {
  const now = Math.floor(Date.now() / 1000);
  const { queryId } = await headgate.logs<{ queryId: string }>('StartQuery', {
    logGroupName,
    startTime: now - 3600,
    endTime: now + 3600,
    queryString: 'stats count(*) as lines',
  });
  for (;;) {
    const { status, results } = await headgate.logs<{ status: string; results: { value: string }[][] }>(
      'GetQueryResults',
      { queryId },
    );
    if (status === 'Complete') return Number(results[0][0].value);
    if (status !== 'Scheduled' && status !== 'Running') throw new Error(`the query is ${status}`);
  }
}
