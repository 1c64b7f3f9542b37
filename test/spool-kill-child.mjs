// Hands windows to a spool until it is killed; prints the number of each segment when it is sealed.
import { NetworkView } from '../dist/command/capture/network-view.js';
import { flowRows, rowBytes, rowWords } from '../dist/flow/index.js';
import { FlowSpool } from '../dist/spool/index.js';

const [folder, seed] = process.argv.slice(2);
const firstWindow = 28_000_000;
// In every run interfaces have other numbers.
const ids = ['eni-a', 'eni-b', 'eni-c'].map((_, i, all) => all[(i + Number(seed)) % all.length]);
const view = new NetworkView({ accountId: '123456789012', region: 'us-east-1' }, {}, () => undefined);
view.addInterfaces(ids.map((NetworkInterfaceId) => ({ NetworkInterfaceId })));
view.addCauses(ids.map((id) => `cause of ${id}`));

const spool = await FlowSpool.open({
  folder,
  windowSeconds: 60,
  names: view,
  maxBytes: 2 ** 30,
  maxAgeMs: 1e12,
  report: (line) => process.stdout.write(`report ${line}\n`),
});
process.stdout.write('open\n');

/** Segment `n` has `1 + n % 300` rows in pieces of at most 50; the packets of a row are its place. */
for (let n = spool.next; ; n++) {
  const rows = 1 + (n % 300);
  for (let from = 0; from < rows; from += 50) {
    const count = Math.min(50, rows - from);
    const piece = flowRows(new ArrayBuffer(count * rowBytes), count);
    for (let i = 0; i < count; i++) {
      const own = ids.indexOf(['eni-a', 'eni-b', 'eni-c'][(from + i) % 3]);
      piece.words[i * rowWords + 9] = own;
      piece.words[i * rowWords + 11] = firstWindow + n;
      piece.words[i * rowWords + 18] = own;
      piece.floats[(i * rowWords) / 2 + 12] = from + i;
    }
    await spool.takeFlows(piece);
  }
  await spool.closeWindows([{ window: firstWindow + n, covered: [0, 1, 2] }], firstWindow + n + 1);
  process.stdout.write(`${n}\n`);
}
