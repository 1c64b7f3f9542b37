import { callObjects } from './object-request.ts';
import { freshHeadgate, makeBucket } from './served-account.ts';

/** Objects are read as they were put, and listed. */
export async function smokeObjects(): Promise<void> {
  const headgate = await freshHeadgate('objects-smoke');
  try {
    const { signer } = headgate;
    await makeBucket(headgate, 'smoke');
    const names = Array.from({ length: 20 }, (_, at) => `object-${at}`).sort();
    for (const name of names) {
      const text = `${name} `.repeat(1000);
      await callObjects(signer, { method: 'PUT', target: `/smoke/${name}`, body: Buffer.from(text) });
      const found = await callObjects(signer, { method: 'GET', target: `/smoke/${name}` });
      if (found !== text) throw new Error(`${name} is read as ${found.slice(0, 100)}`);
    }
    const listed = await callObjects(signer, { method: 'GET', target: '/smoke?list-type=2' });
    const keys = [...listed.matchAll(/<Key>([^<]*)</g)].map(([, key]) => key);
    if (keys.join() !== names.join()) throw new Error(`listed: ${keys.join()}`);
    process.stdout.write(`objects: ${names.length} put, read and listed\n`);
  } finally {
    await headgate.stop();
  }
}
