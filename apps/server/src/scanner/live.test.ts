import { expect, test } from 'vitest';
import { createLog } from '../platform/log.ts';
import { createScanFeed, type ScanStream } from './live.ts';

const deps = { log: createLog({ level: 'silent' }) };
const limits = { readEveryMs: 30, streamsMax: 3, perAddressMax: 2 };

const overview = (number: number) => ({
  chainId: 7,
  head: { number, hash: `0x${String(number).padStart(64, '0')}`, at: new Date(0).toISOString(), transactionCount: 0 },
  blocks: [],
  transactions: [],
  totals: { transactions: 0, tokens: 0 },
  pace: { transactionsPerSecond: 0, blockSeconds: null },
});

function reader(subject: string): ScanStream & { heads: number[]; isClosed: boolean } {
  const stream = {
    subject,
    heads: [] as number[],
    isClosed: false,
    send: (text: string) => void stream.heads.push(Number(/^id: (\d+)$/m.exec(text)![1])),
    close: () => {
      stream.isClosed = true;
    },
  };
  return stream;
}

test('however many ask at once, the overview is read once', async () => {
  let reads = 0;
  const feed = createScanFeed(deps, async () => overview(++reads), limits);
  const answers = await Promise.all(Array.from({ length: 50 }, () => feed.latest()));
  expect(new Set(answers.map((each) => each.head.number))).toEqual(new Set([1]));
  await feed.close();
});

test('every stream gets the present overview at once and the newest soon after a poke, whatever the number of pokes', async () => {
  let head = 1;
  let reads = 0;
  const feed = createScanFeed(
    deps,
    async () => {
      reads++;
      return overview(head);
    },
    limits,
  );
  const [one, two] = [reader('a'), reader('b')];
  feed.add(one);
  feed.add(two);
  await expect.poll(() => [one.heads, two.heads]).toEqual([[1], [1]]);
  for (head = 2; head < 100; head++) feed.poke();
  await expect.poll(() => one.heads.at(-1)).toBe(100);
  expect(two.heads).toEqual(one.heads);
  expect(reads).toBeLessThan(6);
  await feed.close();
});

test('too many streams of one address or of all are refused', async () => {
  const feed = createScanFeed(deps, async () => overview(1), limits);
  expect([feed.add(reader('a')), feed.add(reader('a')), feed.add(reader('a'))]).toEqual([true, true, false]);
  expect([feed.add(reader('b')), feed.add(reader('c'))]).toEqual([true, false]);
  await feed.close();
});

test('a read that fails is not kept: the next one asks anew', async () => {
  let isDown = true;
  const feed = createScanFeed(
    deps,
    async () => {
      if (isDown) throw new Error('down');
      return overview(5);
    },
    limits,
  );
  const unlucky = reader('a');
  feed.add(unlucky);
  await expect.poll(() => unlucky.isClosed).toBe(true);
  isDown = false;
  expect((await feed.latest()).head.number).toBe(5);
  await feed.close();
});
