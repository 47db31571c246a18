import { afterEach, describe, expect, it } from 'vitest';
import type { ProtocolCrypto, SignedTransaction } from '@jigeum/symverse';
import { nativeCrypto } from '@jigeum/symverse/native';
import { CHAIN_ID, createWorld, hashOf, PEOPLE, type Name } from '../testing.ts';
import { systemTimers } from '../timers.ts';
import { createSignerPool, type SignerFinder } from './signer-pool.ts';

type Signed = Pick<SignedTransaction, 'raw' | 'transaction'>;

const world = createWorld();
const signed = (from: Name, nonce: bigint): Signed =>
  world.sign(from, { to: world.people.bob.symId, nonce, gas: 49_000n });
/** A signature that no key has made: r is no x coordinate of the curve. */
const unsignable = ({ raw, transaction }: Signed): Signed => ({ raw, transaction: { ...transaction, r: 5n } });

let pool: SignerFinder | undefined;
afterEach(() => pool?.stop());

const errors: unknown[] = [];
const start = (
  workers: number,
  { crypto = nativeCrypto, program, report }: { crypto?: ProtocolCrypto; program?: URL; report?: typeof reported } = {},
): SignerFinder =>
  (pool = createSignerPool(
    { crypto, timers: systemTimers },
    { chainId: CHAIN_ID, workers, report: report ?? reported, ...(program !== undefined && { program }) },
  ));
const reported = (error: unknown): void => void errors.push(error);

/** The keys of so many people by turns, and the order in which they were told. */
async function findAll(finder: SignerFinder, count: number) {
  const people = Array.from({ length: count }, (_, index) => PEOPLE[index % PEOPLE.length]!);
  const transactions = people.map((name, index) => signed(name, BigInt(index % 97)));
  const order: number[] = [];
  const signers = await Promise.all(
    transactions.map(async (tx, index) => {
      const signer = await finder.find(tx);
      order.push(index);
      return signer;
    }),
  );
  expect(signers).toEqual(people.map((name) => hashOf(world.people[name].privateKey)));
  expect(order).toEqual(people.map((_, index) => index));
}

describe.each([0, 1, 2])('a signer pool of %i threads', (workers) => {
  it('finds the key of each signature, in the order of the questions', () => findAll(start(workers), 300));

  it('takes more questions than the threads share at a time', () => findAll(start(workers), 6000));

  it('answers a question that comes alone, one after the other', async () => {
    const finder = start(workers);
    for (let nonce = 0n; nonce < 20n; nonce++) {
      expect(await finder.find(signed('carol', nonce))).toEqual(hashOf(world.people.carol.privateKey));
      if (nonce % 5n === 0n) await new Promise((resume) => setTimeout(resume, 3));
    }
  });

  it('says that no key made a signature, and goes on', async () => {
    const finder = start(workers);
    const tx = signed('alice', 0n);
    const [bad, good] = await Promise.all([finder.find(unsignable(tx)), finder.find(tx)]);
    expect(bad).toMatchObject({ name: 'SignatureError', message: expect.stringContaining('belongs to no key') });
    expect(good).toEqual(hashOf(world.people.alice.privateKey));
  });

  it('answers what is open when it is stopped', async () => {
    const finder = start(workers);
    const answers = Array.from({ length: 100 }, (_, index) => finder.find(signed('carol', BigInt(index))));
    await new Promise((resume) => setImmediate(resume));
    await finder.stop();
    expect(await Promise.all(answers)).toEqual(answers.map(() => hashOf(world.people.carol.privateKey)));
    expect(errors).toEqual([]);
  });
});

describe('a thread that ends by itself', () => {
  const dying = new URL(
    `data:text/javascript,${encodeURIComponent(`
      import { workerData } from 'node:worker_threads';
      const { openBoard } = await import('${new URL('signer-board.ts', import.meta.url).href}');
      const board = openBoard(workerData.memory);
      for (;;) {
        const asked = board.asked();
        if (board.claim(workerData.thread) !== undefined) throw new Error('out of memory');
        board.sleep(asked);
      }`)}`,
  );

  it('leaves what it has claimed to this thread, and is reported', async () => {
    const told: unknown[] = [];
    const finder = start(1, { program: dying, report: (error) => told.push(error) });
    const expected = hashOf(world.people.dave.privateKey);
    for (let nonce = 0n; told.length === 0; nonce += 100n) {
      const many = Array.from({ length: 100 }, (_, index) => finder.find(signed('dave', nonce + BigInt(index))));
      expect(await Promise.all(many)).toEqual(many.map(() => expected));
    }
    expect(told).toEqual([expect.objectContaining({ message: 'out of memory' })]);
    expect(await finder.find(signed('dave', 2n))).toEqual(expected);
  });
});

describe('a thread that takes its time', () => {
  /** Claims what it finds, one after the other, and answers each after 20 ms. */
  const slow = new URL(
    `data:text/javascript,${encodeURIComponent(`
      import { workerData } from 'node:worker_threads';
      const { nativeCrypto } = await import('${import.meta.resolve('@jigeum/symverse/native')}');
      const { openBoard } = await import('${new URL('signer-board.ts', import.meta.url).href}');
      const { answerTo } = await import('${new URL('signer-question.ts', import.meta.url).href}');
      const board = openBoard(workerData.memory);
      const never = new Int32Array(new SharedArrayBuffer(4));
      for (;;) {
        const asked = board.asked();
        const slot = board.claim(workerData.thread);
        if (slot === undefined) { board.sleep(asked); continue; }
        Atomics.wait(never, 0, 0, 20);
        board.answer(slot, answerTo(board.questionIn(slot), nativeCrypto));
      }`)}`,
  );

  it('is waited for when there is nothing else to do', async () => {
    let foundHere = 0;
    const crypto: ProtocolCrypto = {
      ...nativeCrypto,
      recover(digest, signature) {
        foundHere++;
        // Slower than it is, so that the other thread comes to it.
        const untilMs = performance.now() + 3;
        while (performance.now() < untilMs);
        return nativeCrypto.recover(digest, signature);
      },
    };
    const finder = start(1, { program: slow, crypto });
    let asked = 0;
    while (foundHere === asked) {
      await findAll(finder, 8);
      asked += 8;
    }
    for (let round = 0; round < 5; round++) await findAll(finder, 8);
    expect(foundHere).toBeLessThan(asked + 40);
    expect(errors).toEqual([]);
  });
});

describe('questions for which the board had no room', () => {
  /** Claims one question, answers it when nobody has answered anything for a while, and then does nothing any more. */
  const holding = new URL(
    `data:text/javascript,${encodeURIComponent(`
      import { workerData } from 'node:worker_threads';
      const { nativeCrypto } = await import('${import.meta.resolve('@jigeum/symverse/native')}');
      const { openBoard } = await import('${new URL('signer-board.ts', import.meta.url).href}');
      const { answerTo } = await import('${new URL('signer-question.ts', import.meta.url).href}');
      const board = openBoard(workerData.memory);
      const never = new Int32Array(new SharedArrayBuffer(4));
      let slot;
      for (let asked = 0; slot === undefined; ) {
        asked = board.asked();
        slot = board.claim(workerData.thread);
        if (slot === undefined) board.sleep(asked);
      }
      for (let before = -1; before !== board.answered(); Atomics.wait(never, 0, 0, 300)) before = board.answered();
      board.answer(slot, answerTo(board.questionIn(slot), nativeCrypto));
      Atomics.wait(never, 0, 0);`)}`,
  );

  it('are answered when it has, though nothing new is asked', { timeout: 20_000 }, async () => {
    await findAll(start(1, { program: holding }), 10_000);
    expect(errors).toEqual([]);
  });
});

describe('a curve that fails', () => {
  it('fails the question, and not those behind it', async () => {
    let isBroken = true;
    const crypto: ProtocolCrypto = {
      ...nativeCrypto,
      recover(digest, signature) {
        if (isBroken) throw new RangeError('out of memory');
        return nativeCrypto.recover(digest, signature);
      },
    };
    const finder = start(0, { crypto });
    await expect(finder.find(signed('alice', 0n))).rejects.toThrow('out of memory');
    isBroken = false;
    expect(await finder.find(signed('alice', 1n))).toEqual(hashOf(world.people.alice.privateKey));
  });
});
