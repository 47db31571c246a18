import { expect, test } from 'vitest';
import { allFulfilled, together } from './together.ts';

/** Rounds that end when the test says so. */
function heldRounds() {
  const rounds: { items: readonly string[]; end: (error?: Error) => void }[] = [];
  const run = (items: readonly string[]) =>
    new Promise<PromiseSettledResult<string>[]>((resolve, reject) =>
      rounds.push({
        items,
        end: (error) => (error === undefined ? resolve(allFulfilled(items.map((item) => `${item}!`))) : reject(error)),
      }),
    );
  return { rounds, run };
}
/** Time passes when the test says so. */
function stillClock() {
  const calls = new Set<() => void>();
  return {
    after: (_ms: number, call: () => void) => {
      calls.add(call);
      return () => void calls.delete(call);
    },
    pass() {
      for (const call of [...calls]) if (calls.delete(call)) call();
    },
  };
}
const clock = stillClock();
const turn = () => new Promise((resume) => setImmediate(resume));

test('whoever comes alone goes at once, and those who come meanwhile go together', async () => {
  const { rounds, run } = heldRounds();
  const ask = together({ clock }, { run, itemsMax: 10, roundsMax: 1 });
  const answers = Promise.all(['a', 'b', 'c'].map(ask));
  expect(rounds.map(({ items }) => items)).toEqual([['a']]);
  rounds[0]!.end();
  await turn();
  expect(rounds.map(({ items }) => items)).toEqual([['a'], ['b', 'c']]);
  rounds[1]!.end();
  expect(await answers).toEqual(['a!', 'b!', 'c!']);
});

test('a round holds no more than its most, and no more rounds run at once than may', async () => {
  const { rounds, run } = heldRounds();
  const ask = together({ clock }, { run, itemsMax: 2, roundsMax: 2 });
  const answers = Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map(ask));
  clock.pass();
  clock.pass();
  expect(rounds.map(({ items }) => items)).toEqual([['a'], ['b', 'c']]);
  rounds[1]!.end();
  await turn();
  expect(rounds.map(({ items }) => items)).toEqual([['a'], ['b', 'c'], ['d', 'e']]);
  rounds[0]!.end();
  clock.pass();
  await turn();
  expect(rounds.at(-1)!.items).toEqual(['f']);
  for (const round of rounds) round.end();
  expect(await answers).toEqual(['a!', 'b!', 'c!', 'd!', 'e!', 'f!']);
});

test('a round begins beside another only when that one takes long', async () => {
  const { rounds, run } = heldRounds();
  const ask = together({ clock }, { run, itemsMax: 10, roundsMax: 3 });
  const answers = Promise.all(['a', 'b', 'c'].map(ask));
  await turn();
  expect(rounds.map(({ items }) => items)).toEqual([['a']]);
  clock.pass();
  expect(rounds.map(({ items }) => items)).toEqual([['a'], ['b', 'c']]);
  const last = ask('d');
  rounds[0]!.end();
  await turn();
  // The older has ended, and the newer is young.
  expect(rounds).toHaveLength(2);
  rounds[1]!.end();
  await turn();
  expect(rounds.at(-1)!.items).toEqual(['d']);
  rounds[2]!.end();
  expect(await Promise.all([answers, last])).toEqual([['a!', 'b!', 'c!'], 'd!']);
});

test('two items with one key are never under way at once, and hold up nobody else', async () => {
  const { rounds, run } = heldRounds();
  const ask = together({ clock }, { run, keyOf: (item: string) => item[0]!, itemsMax: 10, roundsMax: 3 });
  const answers = Promise.all(['a1', 'a2', 'b1', 'a3'].map(ask));
  clock.pass();
  expect(rounds.map(({ items }) => items)).toEqual([['a1'], ['b1']]);
  rounds[0]!.end();
  await turn();
  clock.pass();
  expect(rounds.at(-1)!.items).toEqual(['a2']);
  rounds[1]!.end();
  rounds[2]!.end();
  await turn();
  expect(rounds.at(-1)!.items).toEqual(['a3']);
  rounds[3]!.end();
  expect(await answers).toEqual(['a1!', 'a2!', 'b1!', 'a3!']);
});

test('a round that breaks is repeated one by one: only the item that breaks it is refused', async () => {
  const runs: (readonly string[])[] = [];
  const ask = together(
    { clock },
    {
      itemsMax: 10,
      roundsMax: 1,
      async run(items: readonly string[]) {
        runs.push(items);
        await turn();
        if (items.includes('bad')) throw new Error(`no ${items.join()}`);
        return allFulfilled(items);
      },
    },
  );
  const results = await Promise.allSettled(['first', 'good', 'bad', 'other'].map(ask));
  expect(results.map((result) => (result.status === 'fulfilled' ? result.value : String(result.reason)))).toEqual([
    'first',
    'good',
    'Error: no bad',
    'other',
  ]);
  expect(runs).toEqual([['first'], ['good', 'bad', 'other'], ['good'], ['bad'], ['other']]);
});

test('who breaks a round goes alone afterwards, until it succeeds', async () => {
  const runs: string[] = [];
  let isBad = true;
  const ask = together(
    { clock },
    {
      ...{ itemsMax: 10, roundsMax: 1 },
      keyOf: (item: string) => item[0]!,
      async run(items: readonly string[]) {
        runs.push(items.join());
        await turn();
        if (isBad && items.some((item) => item.startsWith('x'))) throw new Error('no x');
        return allFulfilled(items);
      },
    },
  );
  const all = async (...items: string[]) => {
    await Promise.allSettled(items.map(ask));
    // The last round has to end before the next comes alone.
    await turn();
  };
  await all('a1', 'b1', 'x1', 'c1');
  expect(runs.splice(0)).toEqual(['a1', 'b1,x1,c1', 'b1', 'x1', 'c1']);
  await all('a2', 'b2', 'x2', 'c2');
  expect(runs.splice(0)).toEqual(['a2', 'b2,c2', 'x2']);
  isBad = false;
  await all('a3', 'x3', 'b3');
  expect(runs.splice(0)).toEqual(['a3', 'x3', 'b3']);
  await all('a4', 'x4', 'b4');
  expect(runs).toEqual(['a4', 'x4,b4']);
});

test('an item of a round can be refused by itself', async () => {
  const ask = together(
    { clock },
    {
      itemsMax: 10,
      roundsMax: 1,
      run: async (items: readonly number[]): Promise<PromiseSettledResult<number>[]> =>
        items.map((item) =>
          item === 2 ? { status: 'rejected', reason: new Error('two') } : { status: 'fulfilled', value: item },
        ),
    },
  );
  const results = await Promise.allSettled([1, 2, 3].map(ask));
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});
