import { afterEach, describe, expect, it } from 'vitest';
import { encodeTransaction, type Transaction } from '@jigeum/symverse';
import { nativeCrypto } from '@jigeum/symverse/native';
import { CHAIN_ID, createWorld, hashOf, PEOPLE, type Name } from '../testing.ts';
import { systemTimers } from '../timers.ts';
import { createSignerPool, type SignerFinder } from './signer-pool.ts';

const world = createWorld();
const signed = (from: Name, nonce: bigint) => world.sign(from, { to: world.people.bob.symId, nonce, gas: 49_000n });
/** A signature that no key has made: r is no x coordinate of the curve. */
const unsignable = (transaction: Transaction): Uint8Array => encodeTransaction({ ...transaction, r: 5n });

let pool: SignerFinder | undefined;
afterEach(() => pool?.stop());

const errors: unknown[] = [];
const start = (workers: number): SignerFinder =>
  (pool = createSignerPool(
    { crypto: nativeCrypto, timers: systemTimers },
    { chainId: CHAIN_ID, workers, report: (error) => errors.push(error) },
  ));

describe.each([0, 1, 2])('a signer pool of %i threads', (workers) => {
  it('finds the key of each signature, in the order of the questions', async () => {
    const finder = start(workers);
    const people = Array.from({ length: 300 }, (_, index) => PEOPLE[index % PEOPLE.length]!);
    const order: number[] = [];
    const signers = await Promise.all(
      people.map(async (name, index) => {
        const signer = await finder.find(signed(name, BigInt(index)).raw);
        order.push(index);
        return signer;
      }),
    );
    expect(signers).toEqual(people.map((name) => hashOf(world.people[name].privateKey)));
    expect(order).toEqual(people.map((_, index) => index));
  });

  it('says that no key made a signature, and goes on', async () => {
    const finder = start(workers);
    const { transaction, raw } = signed('alice', 0n);
    const [bad, good] = await Promise.all([finder.find(unsignable(transaction)), finder.find(raw)]);
    expect(bad).toMatchObject({ name: 'SignatureError', message: expect.stringContaining('belongs to no key') });
    expect(good).toEqual(hashOf(world.people.alice.privateKey));
  });

  it('answers what is open when it is stopped', async () => {
    const finder = start(workers);
    const answers = Array.from({ length: 100 }, (_, index) => finder.find(signed('carol', BigInt(index)).raw));
    await new Promise((resume) => setImmediate(resume));
    await finder.stop();
    expect(await Promise.all(answers)).toEqual(answers.map(() => hashOf(world.people.carol.privateKey)));
    expect(errors).toEqual([]);
  });
});

describe('a thread that ends by itself', () => {
  it('leaves its questions to the main thread, and is reported', async () => {
    const told: unknown[] = [];
    const program = new URL(
      "data:text/javascript,import{parentPort}from'node:worker_threads';parentPort.on('message',()=>{throw new Error('out of memory')})",
    );
    const finder = (pool = createSignerPool(
      { crypto: nativeCrypto, timers: systemTimers },
      { chainId: CHAIN_ID, workers: 1, program, report: (error) => told.push(error) },
    ));
    const expected = hashOf(world.people.dave.privateKey);
    expect(await Promise.all([finder.find(signed('dave', 0n).raw), finder.find(signed('dave', 1n).raw)])).toEqual([
      expected,
      expected,
    ]);
    expect(told).toEqual([expect.objectContaining({ message: 'out of memory' })]);
    expect(await finder.find(signed('dave', 2n).raw)).toEqual(expected);
  });
});
