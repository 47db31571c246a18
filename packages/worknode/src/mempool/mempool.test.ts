import { describe, expect, it } from 'vitest';
import { fakeClock } from '@jigeum/std';
import { encodeTransaction, GAS_PRICE_HUG, makeSymId, type Transaction } from '@jigeum/symverse';
import { BLOCK_GAS_LIMIT } from '../block/build-block.ts';
import type { StateReader } from '../state/state.ts';
import type { CitizenEntry } from '../state/tables.ts';
import { createMemoryStorage } from '../storage/memory.ts';
import type { NodeStorage } from '../storage/storage.ts';
import { CHAIN_ID, createWorld, hashOf, START_HUG, type Name } from '../testing.ts';
import { admitSigned } from './admission.ts';
import { createMempool, MEMPOOL_BOUNDS, mempoolBounds } from './mempool.ts';

const amounts = { value: 1n };

describe('the mempool', () => {
  it('takes the same bytes once and says "already known" with the hash, waiting or mined', async () => {
    const world = createWorld();
    const signed = world.sign('alice', { to: world.people.bob.symId, ...amounts });
    const known = { kind: 'already-known', hash: signed.hashHex };
    expect(await world.submit(signed)).toEqual({ kind: 'accepted', hash: signed.hashHex });
    expect(await world.submit(signed)).toEqual(known);
    world.node.seal();
    expect(await world.submit(signed)).toEqual(known);
    world.node.seal();
    expect(world.node.chain.state.get('account', world.people.alice.symId)?.nonce).toBe(1n);
  });

  it('takes the same bytes once though they come twice at the same moment', async () => {
    const world = createWorld();
    const signed = world.sign('alice', { to: world.people.bob.symId, ...amounts });
    const outcomes = await Promise.all([1, 2, 3].map(() => world.submit(signed)));
    expect(outcomes.map(({ kind }) => kind)).toEqual(['accepted', 'already-known', 'already-known']);
    expect(world.node.pool.counts()).toEqual({ executable: 1, queued: 0 });
  });

  it('says "already known" of the bytes of a block though they come twice at the same moment', async () => {
    const world = createWorld();
    const signed = world.sign('alice', { to: world.people.bob.symId, ...amounts });
    await world.run(signed);
    const known = { kind: 'already-known', hash: signed.hashHex };
    expect(await Promise.all([1, 2].map(() => world.submit(signed)))).toEqual([known, known]);
  });

  it('lets what follows a dropped transaction wait until its nonce comes again', () => {
    const world = createWorld();
    const pool = createMempool(() => ({ balance: START_HUG, nonce: 0n }), fakeClock());
    const { alice, bob } = world.people;
    const [first, second, third, other] = [0n, 1n, 2n, 1n].map((nonce, index) => {
      const { raw, hash, hashHex, transaction } = world.sign('alice', { to: bob.symId, nonce, value: BigInt(index) });
      return { raw, hash, hashHex, transaction, costMax: 1n };
    });
    for (const tx of [first!, second!, third!]) pool.add(tx);
    pool.settle([second!]);
    expect([...pool.executable()]).toEqual([first]);
    expect([pool.counts(), pool.nextNonce(alice.symId)]).toEqual([{ executable: 1, queued: 1 }, 1n]);
    expect(pool.add(other!)).toEqual({ kind: 'added' });
    expect([...pool.executable()]).toEqual([first, other, third]);
    expect([pool.counts(), pool.nextNonce(alice.symId)]).toEqual([{ executable: 3, queued: 0 }, 3n]);
  });

  it('gives the same refusal to the same bytes that come twice at the same moment', async () => {
    const world = createWorld();
    const signed = world.sign('alice', { to: world.people.bob.symId, value: START_HUG });
    const outcomes = await Promise.all([1, 2].map(() => world.submit(signed)));
    expect(outcomes).toEqual([outcomes[0], outcomes[0]]);
    expect(outcomes[0]).toMatchObject({ kind: 'refused', reason: 'insufficient-funds' });
  });

  it('counts waiting transactions in the next nonce, and queues behind a gap until it closes', async () => {
    const world = createWorld();
    const { alice, bob } = world.people;
    const [first, second, third] = [0n, 1n, 2n].map((nonce) =>
      world.sign('alice', { to: bob.symId, nonce, ...amounts }),
    );
    await world.submit(third!);
    await world.submit(second!);
    expect(world.node.pool.counts()).toEqual({ executable: 0, queued: 2 });
    expect(world.node.pool.nextNonce(alice.symId)).toBe(0n);
    expect(world.node.seal().transactions).toEqual([]);
    await world.submit(first!);
    expect(world.node.pool.counts()).toEqual({ executable: 3, queued: 0 });
    expect(world.node.pool.nextNonce(alice.symId)).toBe(3n);
    expect(world.node.seal().transactions.map(({ hash }) => hash)).toEqual([first!.hash, second!.hash, third!.hash]);
    expect(world.node.pool.counts()).toEqual({ executable: 0, queued: 0 });
  });

  it('refuses a spent nonce, a taken one, and one too far ahead', async () => {
    const world = createWorld({ node: { pool: { queuedPerSenderMax: 2 } } });
    const to = world.people.bob.symId;
    await world.run(world.sign('alice', { to, ...amounts }));
    const reason = async (nonce: bigint, value = 1n) => world.submit(world.sign('alice', { to, nonce, value }));
    expect(await reason(0n, 9n)).toMatchObject({
      reason: 'nonce-too-low',
      detail: expect.stringContaining('expected 1 '),
    });
    expect(await reason(1n)).toMatchObject({ kind: 'accepted' });
    expect(await reason(1n, 2n)).toMatchObject({ reason: 'replacement-underpriced' });
    expect(await reason(5n)).toMatchObject({ reason: 'nonce-too-high' });
    expect(await reason(4n)).toMatchObject({ kind: 'accepted' });
    expect(await reason(3n)).toMatchObject({ kind: 'accepted' });
    expect(world.node.pool.counts()).toEqual({ executable: 1, queued: 2 });
    // The queue is full now, but the transaction that closes the gap is no part of it.
    expect(await reason(2n)).toMatchObject({ kind: 'accepted' });
    expect(world.node.pool.counts()).toEqual({ executable: 4, queued: 0 });
  });

  it('is bounded for one sender and for all', async () => {
    const world = createWorld({ node: { pool: { countMax: 5, perSenderMax: 3 } } });
    const to = world.people.dave.symId;
    const send = async (from: 'alice' | 'bob') => world.submit(world.sign(from, { to, ...amounts }));
    for (let count = 0; count < 3; count++) expect((await send('alice')).kind).toBe('accepted');
    expect(await send('alice')).toMatchObject({
      reason: 'pool-full',
      detail: expect.stringContaining('3 transactions of'),
    });
    for (let count = 0; count < 2; count++) expect((await send('bob')).kind).toBe('accepted');
    expect(await send('bob')).toMatchObject({
      reason: 'pool-full',
      detail: expect.stringMatching(/^5 transactions wait/),
    });
    world.node.seal();
    expect((await send('alice')).kind).toBe('accepted');
  });

  it('holds two full blocks, of whatever size blocks are', () => {
    expect(mempoolBounds(BLOCK_GAS_LIMIT)).toEqual(MEMPOOL_BOUNDS);
    expect(mempoolBounds(10_000_000n).countMax).toBe(20_000);
    expect(mempoolBounds(67_240n * 30_000n).countMax).toBe(60_000);
  });

  it('keeps room for what a block can take, however much waits behind gaps', async () => {
    const world = createWorld({ node: { pool: { countMax: 2, queuedMax: 2 } } });
    const to = world.people.dave.symId;
    const send = async (from: 'alice' | 'bob' | 'carol', nonce: bigint) =>
      world.submit(world.sign(from, { to, nonce, ...amounts }));
    expect(await send('alice', 1n)).toMatchObject({ kind: 'accepted' });
    expect(await send('bob', 5n)).toMatchObject({ kind: 'accepted' });
    expect(await send('carol', 1n)).toMatchObject({
      reason: 'pool-full',
      detail: expect.stringMatching(/^2 transactions wait behind gaps.* expected 0 as the next nonce of .*, got 1/),
    });
    expect(await send('carol', 0n)).toMatchObject({ kind: 'accepted' });
    expect(await send('carol', 1n)).toMatchObject({ kind: 'accepted' });
    expect(world.node.pool.counts()).toEqual({ executable: 2, queued: 2 });
    expect(await send('alice', 0n)).toMatchObject({ reason: 'pool-full' });
    world.node.seal();
    // What closes a gap brings with it what waited behind.
    expect(await send('alice', 0n)).toMatchObject({ kind: 'accepted' });
    expect(world.node.pool.counts()).toEqual({ executable: 2, queued: 1 });
  });

  it('counts what one sender has queued apart from what a block can take', async () => {
    const world = createWorld({ node: { pool: { perSenderMax: 2 } } });
    const to = world.people.dave.symId;
    const send = async (nonce: bigint) => world.submit(world.sign('alice', { to, nonce, ...amounts }));
    for (const nonce of [5n, 6n, 0n, 1n]) expect(await send(nonce)).toMatchObject({ kind: 'accepted' });
    expect(await send(2n)).toMatchObject({ reason: 'pool-full', detail: expect.stringContaining('2 transactions of') });
    expect(world.node.pool.counts()).toEqual({ executable: 2, queued: 2 });
  });

  it('takes along what waited behind a gap that closes, though more can be executed then than may come', async () => {
    const world = createWorld({ node: { pool: { countMax: 3 } } });
    const to = world.people.dave.symId;
    const sign = (from: Name, nonce: bigint) => world.sign(from, { to, nonce, ...amounts });
    const signed = [sign('bob', 0n), sign('bob', 1n), sign('alice', 0n), sign('alice', 1n), sign('alice', 2n)];
    for (const index of [4, 3, 0, 1, 2]) await world.submit(signed[index]!);
    expect(world.node.pool.counts()).toEqual({ executable: 5, queued: 0 });
    expect(await world.submit(sign('carol', 0n))).toMatchObject({ reason: 'pool-full' });
    expect(world.node.seal().transactions.map(({ hash }) => hash)).toEqual(signed.map(({ hash }) => hash));
  });

  it('gives the room and the coins of what it lets go to others', async () => {
    const world = createWorld({ node: { pool: { queuedMax: 1, queuedMs: 10_000 } } });
    const to = world.people.dave.symId;
    const large = world.sign('alice', { to, nonce: 0n, value: START_HUG / 2n });
    const behind = world.sign('bob', { to, nonce: 1n, ...amounts });
    world.node.start();
    await world.submit(world.sign('alice', { to, nonce: 1n, value: START_HUG / 2n }));
    expect(await world.submit(large)).toMatchObject({ reason: 'insufficient-funds' });
    expect(await world.submit(behind)).toMatchObject({ reason: 'pool-full' });
    world.timers.advance(10_000);
    expect(await world.submit(large)).toMatchObject({ kind: 'accepted' });
    expect(await world.submit(behind)).toMatchObject({ kind: 'accepted' });
  });

  it('lets what waits behind a gap begin its time anew after a restart, and not because it is sent again', async () => {
    const options = { emptyBlockMs: null, pool: { queuedMs: 10_000 } };
    const before = createWorld({ node: options });
    const signed = before.sign('alice', { to: before.people.dave.symId, nonce: 1n, ...amounts });
    before.node.start();
    await before.submit(signed);
    before.timers.advance(9_000);
    before.node.stop();
    const world = before.reopen();
    world.node.start();
    world.timers.advance(9_000);
    expect(await world.submit(signed)).toMatchObject({ kind: 'already-known' });
    world.timers.advance(1_000);
    expect(world.events).toMatchObject([{ kind: 'dropped', hashHex: signed.hashHex }]);
    expect(world.storage.journal()).toEqual([]);
  });

  it('keeps what waits behind a gap too long until the journal lets go of it too, so that no start brings it back', async () => {
    const inner = createMemoryStorage();
    let isFailing = true;
    const storage: NodeStorage = {
      ...inner,
      journalRemove(hashes) {
        if (isFailing && hashes.length > 0) throw new Error('disk full');
        inner.journalRemove(hashes);
      },
    };
    const world = createWorld({ storage, node: { emptyBlockMs: null, pool: { queuedMs: 10_000 } } });
    const signed = world.sign('alice', { to: world.people.dave.symId, nonce: 1n, ...amounts });
    world.node.start();
    await world.submit(signed);
    world.timers.advance(10_000);
    expect(world.events).toMatchObject([{ kind: 'journal-failed', error: new Error('disk full') }]);
    expect(await world.submit(signed)).toMatchObject({ kind: 'already-known' });
    isFailing = false;
    world.timers.advance(1_000);
    expect(world.events.slice(1)).toMatchObject([{ kind: 'dropped', hashHex: signed.hashHex }]);
    expect([world.node.pool.counts().queued, inner.journal()]).toEqual([0, []]);
  });

  it('lets go of what waits behind a gap too long, so that its place is free, and takes the same bytes again', async () => {
    const world = createWorld({ node: { pool: { queuedMs: 10_000 } } });
    const to = world.people.dave.symId;
    const late = world.sign('alice', { to, nonce: 1n, ...amounts });
    const ready = world.sign('bob', { to, ...amounts });
    world.node.start();
    await world.submit(late);
    world.timers.advance(9_500);
    await world.submit(world.sign('bob', { to, nonce: 1n, ...amounts }));
    expect(world.node.pool.counts()).toEqual({ executable: 0, queued: 2 });
    world.timers.advance(1_000);
    expect(world.events.filter(({ kind }) => kind === 'dropped')).toEqual([
      { kind: 'dropped', hashHex: late.hashHex, why: 'it waited behind a gap for 10 s' },
    ]);
    expect(world.node.pool.counts()).toEqual({ executable: 0, queued: 1 });
    await world.submit(ready);
    // The other one's gap is closed: no time ends it any more.
    expect(world.node.pool.counts()).toEqual({ executable: 2, queued: 0 });
    world.node.stop();
    expect(world.reopen().node.pool.counts()).toEqual({ executable: 2, queued: 0 });
    expect(await world.submit(late)).toEqual({ kind: 'accepted', hash: late.hashHex });
  });

  it('counts the time of what a gap has opened before from that moment', async () => {
    const clock = fakeClock();
    const world = createWorld();
    const pool = createMempool(() => ({ balance: START_HUG, nonce: 0n }), clock, {
      ...MEMPOOL_BOUNDS,
      queuedMs: 1_000,
    });
    const [first, second] = [0n, 1n].map((nonce) => {
      const { raw, hash, hashHex, transaction } = world.sign('alice', {
        to: world.people.bob.symId,
        nonce,
        ...amounts,
      });
      return { raw, hash, hashHex, transaction, costMax: 1n };
    });
    pool.add(first!);
    pool.add(second!);
    clock.advance(5_000);
    expect(pool.overdue()).toEqual([]);
    pool.settle([first!]);
    expect(pool.counts()).toEqual({ executable: 0, queued: 1 });
    clock.advance(999);
    expect(pool.overdue()).toEqual([]);
    clock.advance(1);
    expect(pool.overdue()).toEqual([second]);
    pool.settle([second!]);
    expect(pool.overdue()).toEqual([]);
  });

  it('refuses what the sender cannot pay together with all that waits', async () => {
    const world = createWorld();
    const to = world.people.bob.symId;
    const fee = 49_000n * GAS_PRICE_HUG;
    await world.submit(world.sign('alice', { to, value: START_HUG - 2n * fee - 10n }));
    expect(await world.submit(world.sign('alice', { to, value: 11n }))).toMatchObject({ reason: 'insufficient-funds' });
    expect(await world.submit(world.sign('alice', { to, value: 10n }))).toMatchObject({ kind: 'accepted' });
    world.node.seal();
    expect(world.node.chain.state.get('account', world.people.alice.symId)).toEqual({
      balance: 0n,
      nonce: 2n,
      deposit: 0n,
    });
  });
});

describe('admission', () => {
  const world = createWorld();
  const { alice, bob } = world.people;
  const stranger = makeSymId({ caId: 2, random: Uint8Array.of(9, 9, 9, 9, 9, 9), seq: 2 });
  const withSignatureOf = (base: Transaction, other: Transaction): Transaction => ({
    ...base,
    v: other.v,
    r: other.r,
    s: other.s,
  });
  const transfer = world.sign('alice', { to: bob.symId, ...amounts });
  const long = { input: new Uint8Array(1), extraData: new Uint8Array(32_640).fill(1), gas: 60_000n };

  it.each([
    ['bytes that are no transaction', Uint8Array.of(1, 2, 3), 'malformed', /RLP/],
    ['more than 32 KB', new Uint8Array(32 * 1024 + 1), 'too-large', /at most 32768 bytes, got 32769/],
    [
      'a signature of another key',
      encodeTransaction(withSignatureOf(transfer.transaction, world.sign('bob', { to: alice.symId }).transaction)),
      'invalid-sender',
      /expected the signature of the key/,
    ],
    [
      'a sender that no CA has named',
      encodeTransaction({ ...transfer.transaction, from: stranger }),
      'invalid-sender',
      /SymID that a CA has issued/,
    ],
    ['a receiver that no CA has named', world.sign('alice', { to: stranger }).raw, 'malformed', /receiver/],
    [
      'another gas price',
      world.sign('alice', { to: bob.symId, gasPrice: GAS_PRICE_HUG - 1n }).raw,
      'wrong-gas-price',
      /100 GHug/,
    ],
    [
      'gas of the paper without the data bytes',
      world.signCall('alice', bob.symId, { method: 'transfer', to: bob.symId, amount: 1n }, { gas: 56_000n }).raw,
      'gas-too-low',
      /got 56000/,
    ],
    [
      'more gas than a block has',
      world.sign('alice', { to: bob.symId, gas: 188_495_521n }).raw,
      'gas-over-block-limit',
      /188495520 or less/,
    ],
    [
      'two work nodes',
      world.sign('alice', { to: bob.symId, workNodes: [alice.symId, bob.symId] }).raw,
      'malformed',
      /at most 1 work node, got 2/,
    ],
    ['an EVM creation', world.sign('alice', { to: null }).raw, 'malformed', /EVM/],
    [
      'coins in a contract call',
      world.signCall('alice', bob.symId, { method: 'pause' }, { value: 1n }).raw,
      'malformed',
      /value 0/,
    ],
    ['a deposit of nothing', world.sign('alice', { type: 2, to: null }).raw, 'malformed', /above 0/],
    ['a deposit for somebody else', world.sign('alice', { type: 2, to: bob.symId }).raw, 'malformed', /restore/],
  ] as const)('refuses %s', async (_rule, raw, reason, detail) => {
    expect(await world.submit({ raw })).toMatchObject({
      kind: 'refused',
      reason,
      detail: expect.stringMatching(detail),
    });
    expect(world.node.pool.counts()).toEqual({ executable: 0, queued: 0 });
  });

  it('looks the sender up again when the signature has been checked', async () => {
    const { state } = world.node.chain;
    const tx = { ...transfer, raw: transfer.raw, costMax: 0n };
    const signer = hashOf(alice.privateKey);
    const admitWith = (change: Partial<CitizenEntry>) => {
      const get: StateReader['get'] = (table, key) =>
        table === 'citizen' && key === alice.symId
          ? ({ ...state.get('citizen', key), ...change } as never)
          : state.get(table, key);
      return admitSigned({ state: { get }, chainId: CHAIN_ID }, tx, signer);
    };
    expect(admitWith({})).toEqual({ kind: 'admitted', tx });
    expect(admitWith({ keyHash: hashOf(bob.privateKey) })).toMatchObject({ kind: 'refused', reason: 'invalid-sender' });
    expect(admitWith({ status: 2n })).toMatchObject({ detail: expect.stringContaining('its status is 2') });
  });

  it('accepts no work node, written in either way, and a transaction of nearly 32 KB', async () => {
    const fresh = createWorld();
    const to = fresh.people.bob.symId;
    for (const fields of [{ workNodes: null }, { workNodes: [] }, long]) {
      expect(await fresh.submit(fresh.sign('alice', { to, ...fields }))).toMatchObject({ kind: 'accepted' });
    }
    expect(fresh.node.seal().transactions).toHaveLength(3);
  });
});
