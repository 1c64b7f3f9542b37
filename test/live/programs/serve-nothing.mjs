// An API server without actions: prints its port, ends with its standard input.
import { ApiServer } from '../../../dist/server/index.js';
import { PageTokens } from '../../../dist/wire/index.js';

const server = await ApiServer.listen({
  address: '127.0.0.1',
  port: 0,
  hosts: [],
  apis: [],
  credentials: { find: () => ({ failure: 'unknown' }) },
  authorizer: { decide: () => ({ isAllowed: false, reason: 'implicit-deny', decidedBy: 'identity' }) },
  tokens: new PageTokens(Buffer.from('key')),
  metrics: () => '',
  health: () => ({ status: 'ok' }),
  report: (text) => process.stderr.write(`${text}\n`),
  limits: { reservedDescriptors: -1000 },
});
process.stdout.write(`${server.port}\n`);
process.stdin
  .on('end', async () => {
    await server.close();
    process.exit();
  })
  .resume();
