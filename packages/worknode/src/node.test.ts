import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { bytesToHex, seededIds } from '@jigeum/std';
import { decodeHeader, type Sct20Call, type SymId } from '@jigeum/symverse';
import { nativeCrypto } from '@jigeum/symverse/native';
import { BLOCK_GAS_LIMIT } from './block/build-block.ts';
import { createAuthority } from './ca/authority.ts';
import { ForeignChainError } from './chain.ts';
import { createMemoryStorage } from './storage/memory.ts';
import { DamagedStorageError, type NodeStorage } from './storage/storage.ts';
import { createWorld, PEOPLE, START_HUG, type Name, type TestWorld } from './testing.ts';

/** A world in which a block takes so long to be written, and when after its beginning each was begun. */
function worldOfSlowBlocks(tookMs: number): { readonly world: TestWorld; readonly begunAtMs: readonly number[] } {
  const memory = createMemoryStorage();
  let write = memory.commit;
  const world = createWorld({ storage: { ...memory, commit: (commit) => write(commit) } });
  const begunAtMs: number[] = [];
  const startedAtMs = world.clock.monotonicMs();
  write = (commit) => {
    begunAtMs.push(world.clock.monotonicMs() - startedAtMs);
    world.clock.advance(tookMs);
    memory.commit(commit);
  };
  return { world, begunAtMs };
}

describe('blocks', () => {
  it('are closed at each tick, with what waits or empty', async () => {
    const world = createWorld();
    world.node.start();
    world.timers.advance(3000);
    expect(world.node.chain.head().number).toBe(3);
    const signed = world.sign('alice', { to: world.people.bob.symId, value: 1n });
    await world.submit(signed);
    world.timers.advance(999);
    expect(world.storage.transaction(signed.hash)).toBeUndefined();
    world.timers.advance(1);
    expect(world.storage.transaction(signed.hash)).toMatchObject({ block: 4, index: 0 });
    world.node.stop();
    world.timers.advance(10_000);
    expect(world.node.chain.head().number).toBe(4);
  });

  it.each([300, 700])('begin a second after the one before has begun, also when that took %i ms', (tookMs) => {
    const { world, begunAtMs } = worldOfSlowBlocks(tookMs);
    world.node.start();
    world.timers.advance(3900);
    expect(begunAtMs).toEqual([1000, 2000, 3000]);
  });

  it('leave a quarter of a second to everything else, also when each takes longer than it may', async () => {
    const { world, begunAtMs } = worldOfSlowBlocks(1500);
    world.node.start();
    for (let nonce = 0n; nonce < 3n; nonce++) {
      await world.submit(world.sign('alice', { to: world.people.bob.symId, nonce }));
      world.timers.advance(nonce === 0n ? 1000 : 250);
    }
    expect(begunAtMs).toEqual([1000, 2750, 4500]);
  });

  it('are not closed empty more often than asked, or never', async () => {
    const rarely = createWorld({ node: { emptyBlockMs: 10_000 } });
    rarely.node.start();
    rarely.timers.advance(30_000);
    expect(rarely.node.chain.head().number).toBe(3);
    const never = createWorld({ node: { emptyBlockMs: null } });
    never.node.start();
    await never.submit(never.sign('alice', { to: never.people.bob.symId }));
    never.timers.advance(30_000);
    expect(never.node.chain.head().number).toBe(1);
  });

  it('begin at the first tick after the node was away', () => {
    const { genesis } = createWorld();
    const away = createWorld({
      node: { emptyBlockMs: 10_000, genesis: { ...genesis, timestamp: genesis.timestamp - 60 } },
    });
    away.node.start();
    away.timers.advance(1000);
    expect(away.node.chain.head().number).toBe(1);
  });

  it('are closed as soon as something waits, when asked so', async () => {
    const world = createWorld({ node: { sealWhenBusy: true, emptyBlockMs: null } });
    world.node.start();
    await world.submit(world.sign('alice', { to: world.people.bob.symId }));
    world.timers.advance(10);
    expect(world.node.chain.head().number).toBe(1);
  });

  it('take what fits their gas and leave the rest, in order, for the next', async () => {
    const world = createWorld({ node: { blockGasLimit: 100_000n } });
    const signed = [0n, 1n, 2n].map((nonce) => world.sign('alice', { to: world.people.bob.symId, nonce }));
    for (const one of signed) await world.submit(one);
    const [first, second] = [world.node.seal(), world.node.seal()];
    expect(first.transactions.map(({ hash }) => hash)).toEqual([signed[0]!.hash, signed[1]!.hash]);
    expect(second.transactions.map(({ hash }) => hash)).toEqual([signed[2]!.hash]);
    expect(decodeHeader(first.header)).toMatchObject({
      gasUsed: 98_000n,
      gasLimit: 100_000n,
      number: 1n,
      primary: world.genesis.sealer.symId,
    });
    expect(decodeHeader(second.header).parentHash).toEqual(first.hash);
  });

  it('leave out what cannot be executed, and go on', () => {
    const world = createWorld();
    const to = world.people.bob.symId;
    const [good, bad] = [world.sign('alice', { to }), world.sign('carol', { to, nonce: 5n })].map(
      ({ raw, hash, hashHex, transaction }) => ({
        raw,
        hash,
        hashHex,
        transaction,
        costMax: 0n,
      }),
    );
    const built = world.node.chain.addBlock({ time: 0, gasLimit: 10_000_000n, waiting: [bad!, good!] });
    expect(built.included).toEqual([good]);
    expect(built.dropped).toEqual([bad]);
    expect(world.reopen().node.chain.head()).toEqual(world.node.chain.head());
  });

  it('are never older than their parent, though the clock goes back', () => {
    const world = createWorld();
    world.clock.advance(-5000);
    expect(decodeHeader(world.node.seal().header).time).toBe(BigInt(world.genesis.timestamp));
  });
});

describe('while the disk is waited for', () => {
  /** A storage whose syncs end when they are told to, and the journal rows of each write. */
  const slow = (): { storage: NodeStorage; writes: number[]; endSync: () => void } => {
    const inner = createMemoryStorage();
    const writes: number[] = [];
    const ends: (() => void)[] = [];
    const storage: NodeStorage = {
      ...inner,
      journalAdd(rows) {
        writes.push(rows.length);
        inner.journalAdd(rows);
      },
      synced: () => new Promise((resolve) => ends.push(resolve)),
    };
    return { storage, writes, endSync: () => ends.shift()?.() };
  };
  const turns = async (): Promise<void> => {
    for (let turn = 0; turn < 10; turn++) await new Promise((resume) => setImmediate(resume));
  };

  it('nobody is told "accepted" or "already known", and what arrives meanwhile is written together', async () => {
    const { storage, writes, endSync } = slow();
    const world = createWorld({ storage });
    const told: string[] = [];
    const submit = (name: string, nonce: bigint): void => {
      const signed = world.sign('alice', { to: world.people.bob.symId, nonce });
      void world.submit(signed).then(({ kind }) => told.push(`${name} ${kind}`));
    };
    submit('first', 0n);
    await turns();
    submit('again', 0n);
    for (const nonce of [1n, 2n, 3n]) {
      submit('later', nonce);
      await turns();
    }
    expect([told, writes]).toEqual([[], [1]]);
    endSync();
    await turns();
    expect([told.toSorted(), writes]).toEqual([
      ['again already-known', 'first accepted'],
      [1, 3],
    ]);
    endSync();
    await turns();
    expect(told.slice(2)).toEqual(['later accepted', 'later accepted', 'later accepted']);
  });

  it('a block takes what is written, and writes what is not', async () => {
    const { storage, writes, endSync } = slow();
    const world = createWorld({ storage });
    const outcomes = [0n, 1n].map((nonce) => world.submit(world.sign('alice', { to: world.people.bob.symId, nonce })));
    await turns();
    outcomes.push(world.submit(world.sign('alice', { to: world.people.bob.symId, nonce: 2n })));
    await turns();
    expect(world.node.seal().transactions).toHaveLength(3);
    expect(writes).toEqual([2, 1]);
    expect(storage.journal()).toEqual([]);
    endSync();
    endSync();
    expect((await Promise.all(outcomes)).map(({ kind }) => kind)).toEqual(['accepted', 'accepted', 'accepted']);
  });
});

describe('when storage fails', () => {
  const failing = (): { storage: NodeStorage; failures: Set<keyof NodeStorage> } => {
    const failures = new Set<keyof NodeStorage>();
    const inner = createMemoryStorage();
    const refuse = (what: keyof NodeStorage): void => {
      if (failures.has(what)) throw new Error('disk full');
    };
    const storage: NodeStorage = {
      ...inner,
      commit(commit) {
        refuse('commit');
        inner.commit(commit);
      },
      journalAdd(rows) {
        refuse('journalAdd');
        inner.journalAdd(rows);
      },
      journalRemove(hashes) {
        refuse('journalRemove');
        inner.journalRemove(hashes);
      },
    };
    return { storage, failures };
  };

  it('a block that cannot be written leaves chain, state and pool as they were, and is tried again', async () => {
    const { storage, failures } = failing();
    const world = createWorld({ storage });
    world.node.start();
    const signed = world.sign('alice', { to: world.people.bob.symId, value: 5n });
    await world.submit(signed);
    failures.add('commit');
    world.timers.advance(2000);
    expect(world.events.map(({ kind }) => kind)).toEqual(['seal-failed', 'seal-failed']);
    expect(world.node.chain.head().number).toBe(0);
    expect(world.node.chain.state.get('account', world.people.alice.symId)?.balance).toBe(START_HUG);
    failures.clear();
    world.timers.advance(1000);
    expect(storage.transaction(signed.hash)).toMatchObject({ block: 1 });
  });

  it('a block that is written is told, although the journal cannot be tidied after it', async () => {
    const { storage, failures } = failing();
    const world = createWorld({ storage });
    const { chain, pool } = world.node;
    const signed = world.sign('alice', { to: world.people.bob.symId, value: 5n });
    await world.submit(signed);
    // In a block that the pool has not heard of: the next one finds its nonce spent, and drops it.
    chain.addBlock({ time: 1, gasLimit: BLOCK_GAS_LIMIT, waiting: [pool.get(signed.hashHex)!] });
    const told: number[] = [];
    world.node.heads.listen(({ number }) => told.push(number));
    failures.add('journalRemove');
    world.node.start();
    world.timers.advance(1000);
    expect(told).toEqual([2]);
    expect(chain.head().number).toBe(2);
    expect(pool.counts()).toEqual({ executable: 0, queued: 0 });
    expect(world.events).toMatchObject([
      { kind: 'sealed', number: 2, transactions: 0 },
      { kind: 'journal-failed', error: new Error('disk full') },
      { kind: 'dropped', hashHex: signed.hashHex },
    ]);
    world.node.stop();
  });

  it('nobody is told "accepted" or "already known" before the journal is written', async () => {
    const { storage, failures } = failing();
    const world = createWorld({ storage });
    const signed = world.sign('alice', { to: world.people.bob.symId, value: 5n });
    failures.add('journalAdd');
    await expect(world.submit(signed)).rejects.toThrow('disk full');
    await expect(world.submit(signed)).rejects.toThrow('disk full');
    failures.clear();
    expect(await world.submit(signed)).toMatchObject({ kind: 'already-known' });
    expect(storage.journal().map(({ hash }) => hash)).toEqual([signed.hash]);
  });

  it('whoever waits for the disk is told, and nothing is said of the outcome', async () => {
    const inner = createMemoryStorage();
    const world = createWorld({ storage: { ...inner, synced: () => Promise.reject(new Error('disk failed')) } });
    const signed = world.sign('alice', { to: world.people.bob.symId, value: 5n });
    await expect(world.submit(signed)).rejects.toThrow('disk failed');
    expect(world.events).toMatchObject([{ kind: 'journal-failed' }]);
  });

  it('nobody is told "already known" while the disk has failed, and all are when it has what they sent', async () => {
    let isFailing = true;
    const inner = createMemoryStorage();
    const synced = () => (isFailing ? Promise.reject(new Error('disk failed')) : Promise.resolve());
    const world = createWorld({ storage: { ...inner, synced } });
    const signed = world.sign('alice', { to: world.people.bob.symId, value: 5n });
    await expect(world.submit(signed)).rejects.toThrow('disk failed');
    await expect(world.submit(signed)).rejects.toThrow('disk failed');
    isFailing = false;
    expect(await world.submit(signed)).toMatchObject({ kind: 'already-known' });
    world.node.seal();
    expect(inner.journal()).toEqual([]);
  });

  it('no block takes what a SymID has sent that its CA has locked since', async () => {
    const { storage, failures } = failing();
    const world = createWorld({ storage });
    const { alice, bob } = world.people;
    failures.add('journalAdd');
    await expect(world.submit(world.sign('alice', { to: bob.symId, value: 5n }))).rejects.toThrow('disk full');
    const ca = createAuthority({ ...world, ids: seededIds('ca'), crypto: nativeCrypto }, world.keys.ca);
    ca.setStatus(alice.symId, 'locked');
    expect(ca.find(alice.symId).status).toBe('locked');
    expect(world.events.map(({ kind }) => kind)).toEqual(['journal-failed', 'journal-failed', 'dropped']);
    failures.clear();
    expect(world.node.seal().transactions).toEqual([]);
  });
});

describe('a restart', () => {
  it('keeps blocks, state and every transaction that was answered, in their order', async () => {
    const world = createWorld();
    const contract = await world.createToken();
    const waiting = [0n, 1n, 3n].map((ahead) => world.sign('alice', { to: world.people.bob.symId, nonce: 1n + ahead }));
    for (const signed of waiting) await world.submit(signed);

    const again = world.reopen();
    expect(again.node.chain.head()).toEqual(world.node.chain.head());
    expect(again.node.chain.state.get('contract', contract)).toMatchObject({ symbol: 'EST' });
    expect(again.node.pool.counts()).toEqual({ executable: 2, queued: 1 });
    expect(again.node.seal().transactions.map(({ hash }) => hash)).toEqual([waiting[0]!.hash, waiting[1]!.hash]);
    expect(again.storage.journal().map(({ hash }) => hash)).toEqual([waiting[2]!.hash]);
  });

  it('keeps every transaction that was answered, though fewer may wait now', async () => {
    const world = createWorld();
    const waiting = [0n, 1n, 4n, 5n].map((nonce) => world.sign('alice', { to: world.people.bob.symId, nonce }));
    for (const signed of waiting) await world.submit(signed);
    const pool = { countMax: 1, perSenderMax: 1, queuedPerSenderMax: 1 };
    const again = createWorld({ storage: world.storage, node: { pool } });
    expect(again.events).toEqual([]);
    expect(again.node.pool.counts()).toEqual({ executable: 2, queued: 2 });
    const more = again.sign('bob', { to: world.people.alice.symId });
    expect(await again.submit(more)).toMatchObject({ kind: 'refused', reason: 'pool-full' });
  });

  it('does not bring back a transaction whose block was closed before its journal row was due', async () => {
    const world = createWorld();
    const answer = world.submit(world.sign('alice', { to: world.people.bob.symId }));
    while (world.node.pool.counts().executable === 0) await Promise.resolve();
    expect(world.storage.journal()).toEqual([]);
    world.node.seal();
    expect(await answer).toMatchObject({ kind: 'accepted' });
    expect(world.storage.journal()).toEqual([]);
  });

  it('refuses another genesis, and names what differs', () => {
    const world = createWorld();
    const open = () => createWorld({ storage: world.storage, node: { genesis: { ...world.genesis, chainId: 25n } } });
    expect(open).toThrow(ForeignChainError);
    expect(open).toThrow(/chainId differ/);
  });

  it('refuses a state that does not add up to the roots of the newest block', async () => {
    const world = createWorld();
    await world.createToken();
    const rows = [...world.storage.state()];
    for (const changed of [
      rows.slice(1),
      rows.filter(({ table }) => table !== 'holding'),
      rows.filter(({ table }) => table !== 'citizen'),
    ]) {
      const storage = { ...world.storage, state: () => changed };
      expect(() => createWorld({ storage })).toThrow(DamagedStorageError);
    }
  });

  it('refuses a newest block that another key has sealed', () => {
    const world = createWorld();
    const block = world.node.seal();
    const sign = block.sign.slice();
    sign[5]! ^= 1;
    const storage = { ...world.storage, head: () => ({ ...block, sign }) };
    expect(() => createWorld({ storage })).toThrow(/Block 1 was not sealed by/);
  });
});

/** One step of a random run. Names and contracts are chosen by index, so that most steps succeed and some do not. */
type Step =
  | { kind: 'coins'; from: Name; to: Name; value: bigint }
  | { kind: 'deposit'; from: Name; value: bigint }
  | { kind: 'call'; from: Name; method: Exclude<Sct20Call['method'], 'create'>; to: Name; other: Name; amount: bigint }
  | { kind: 'seal' };

const name = fc.constantFrom(...PEOPLE);
const amount = fc.oneof(fc.bigInt(0n, 60n), fc.bigInt(0n, 2000n), fc.constant((1n << 256n) - 1n));
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('coins' as const), from: name, to: name, value: fc.bigInt(0n, START_HUG) }),
  fc.record({ kind: fc.constant('deposit' as const), from: name, value: fc.bigInt(0n, START_HUG / 8n) }),
  fc.record({
    kind: fc.constant('call' as const),
    from: name,
    method: fc.constantFrom(
      'transfer',
      'transfer',
      'transfer',
      'transferFrom',
      'approve',
      'decreaseApprove',
      'mint',
      'burn',
      'pause',
      'unpause',
      'unpause',
      'transferOwner',
    ),
    to: name,
    other: name,
    amount,
  }),
  fc.record({ kind: fc.constant('seal' as const) }),
);

async function play(world: TestWorld, steps: readonly Step[]): Promise<SymId> {
  const contract = await world.createToken();
  const { people, node } = world;
  for (const one of steps) {
    if (one.kind === 'seal') node.seal();
    else if (one.kind === 'coins')
      await world.submit(world.sign(one.from, { to: people[one.to].symId, value: one.value }));
    else if (one.kind === 'deposit') {
      const to = one.value === 0n ? people[one.from].symId : null;
      await world.submit(world.sign(one.from, { type: 2, to, value: one.value }));
    } else {
      const { method, amount: value, to, other, from } = one;
      const call = { method, to: people[to].symId, from: people[other].symId, amount: value } as Sct20Call;
      await world.submit(world.signCall(from, contract, call));
    }
  }
  node.seal();
  return contract;
}

const sum = (values: Iterable<bigint>): bigint => [...values].reduce((total, value) => total + value, 0n);

describe('in any run', () => {
  it('coins are conserved: balances and deposits of all add up to the genesis', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const world = createWorld();
        await play(world, steps);
        const accounts = PEOPLE.map((person) => world.people[person].symId).concat(world.genesis.sealer.symId);
        const coins = accounts.map((symId) => world.node.chain.state.get('account', symId));
        expect(sum(coins.map((row) => (row === undefined ? 0n : row.balance + row.deposit)))).toBe(
          START_HUG * BigInt(PEOPLE.length),
        );
      }),
      { numRuns: 25 },
    );
  });

  it('tokens are conserved: holdings add up to the total, and the total to what was created, minted and not burned', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const world = createWorld();
        const contract = await play(world, steps);
        const { state } = world.node.chain;
        const holdings = PEOPLE.map(
          (person) => state.get('holding', `${contract}/${world.people[person].symId}`) ?? 0n,
        );
        expect(sum(holdings)).toBe(state.get('contract', contract)?.total);
        expect(holdings.every((held) => held >= 0n)).toBe(true);
      }),
      { numRuns: 25 },
    );
  });

  it('the same seed and steps give the same block hashes, and a restarted node has the same roots', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const worlds = [createWorld({ seed: 'replay' }), createWorld({ seed: 'replay' })];
        for (const world of worlds) await play(world, steps);
        const [first, second] = worlds.map((world) => hashesOf(world));
        expect(first).toEqual(second);
        expect(worlds[0]!.reopen().node.chain.head()).toEqual(worlds[1]!.node.chain.head());
      }),
      { numRuns: 15 },
    );
    expect(hashesOf(createWorld({ seed: 'another' }))).not.toEqual(hashesOf(createWorld({ seed: 'replay' })));
  });
});

const hashesOf = (world: TestWorld): string[] =>
  Array.from({ length: world.node.chain.head().number + 1 }, (_, number) =>
    bytesToHex(world.storage.block(number)!.hash),
  );
