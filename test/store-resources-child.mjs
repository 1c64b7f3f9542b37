// Makes and deletes pairs of resources until it is killed; prints `made N` and `gone N` when that is acknowledged.
import { kind, Resources } from '../dist/resource/index.js';
import { Store } from '../dist/store/index.js';

const [directory, first] = process.argv.slice(2);
const place = { accountId: '123456789012', region: 'us-east-1' };
const left = kind('left');
const right = kind('right');

const store = await Store.open({ directory, macros: [] });
const resources = await Resources.open(store);
process.stdout.write('open\n');

async function work(lane) {
  for (let n = Number(first) + lane; ; n += 4) {
    await resources.write((draft) => {
      draft.put(left, place, String(n), { n });
      draft.put(right, place, String(n), { n });
    });
    process.stdout.write(`made ${n}\n`);
    if (n % 3 !== 0) continue;
    await resources.write((draft) => {
      draft.remove(left, place, String(n));
      draft.remove(right, place, String(n));
    });
    process.stdout.write(`gone ${n}\n`);
  }
}

await Promise.all([0, 1, 2, 3].map(work));
