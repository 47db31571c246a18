import { expect, test } from 'vitest';
import { systemClock } from '@jigeum/std';
import { AppError } from './app-error.ts';
import { StoredAnswer, type IdempotentCall } from './idempotency.ts';
import { oneOfTwins } from './twins.ts';

const call = (bodyHash = 1): IdempotentCall => ({
  route: 'requestTransfer',
  actor: 'member:one',
  key: '018f0000-0000-7000-8000-000000000001',
  bodyHash: new Uint8Array(32).fill(bodyHash),
});

test('a thousand twins run the work once and get the same bytes', async () => {
  const deps = { clock: systemClock };
  let runs = 0;
  const work = async () => {
    runs++;
    await new Promise((resume) => setTimeout(resume, 5));
    return new StoredAnswer(202, `answer ${runs}`, false);
  };
  const answers = await Promise.all(Array.from({ length: 1_000 }, () => oneOfTwins(deps, call(), work)));
  expect(runs).toBe(1);
  expect(new Set(answers.map(({ text }) => text))).toEqual(new Set(['answer 1']));
  expect(answers.filter(({ isReplay }) => !isReplay)).toHaveLength(1);
  // A later one is no twin: the stored answer is for it.
  expect((await oneOfTwins(deps, call(), work)).text).toBe('answer 2');
});

test('a twin with another body is refused at once', async () => {
  const deps = { clock: systemClock };
  const first = oneOfTwins(deps, call(1), () => new Promise<StoredAnswer>(() => undefined));
  await expect(oneOfTwins(deps, call(2), () => first)).rejects.toMatchObject({ code: 'idempotency-key-reused' });
});

test('a twin of one that is refused tries for itself, one after the other', async () => {
  const deps = { clock: systemClock };
  let underWay = 0;
  const tries: number[] = [];
  const asked = Array.from({ length: 5 }, (_, index) =>
    oneOfTwins(deps, call(), async () => {
      expect(++underWay).toBe(1);
      await new Promise((resume) => setImmediate(resume));
      underWay--;
      tries.push(index);
      if (index < 2) throw new AppError('balance-too-low');
      return new StoredAnswer(202, `by ${index}`, false);
    }),
  );
  const results = await Promise.allSettled(asked);
  expect(tries).toEqual([0, 1, 2]);
  expect(results.map((result) => (result.status === 'fulfilled' ? result.value.text : 'refused'))).toEqual([
    ...['refused', 'refused'],
    ...['by 2', 'by 2', 'by 2'],
  ]);
});
