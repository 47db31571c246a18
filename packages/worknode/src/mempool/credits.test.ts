import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex0x } from '@jigeum/std';
import { GAS_PRICE_HUG, signCitizen } from '@jigeum/symverse';
import { createMemoryStorage } from '../storage/memory.ts';
import { CHAIN_ID, createWorld, hashOf, PEOPLE, START_HUG, type Name, type TestWorld } from '../testing.ts';

/** Of a transfer without data. */
const GAS = 49_000n;
const FEE = GAS * GAS_PRICE_HUG;
const HOUR_MS = 3_600_000;

const balanceOf = (world: TestWorld, name: Name): bigint =>
  world.node.chain.state.get('account', world.people[name].symId)?.balance ?? 0n;

const transfer = (world: TestWorld, from: Name, to: Name, value: bigint, nonce?: bigint) =>
  world.sign(from, { to: world.people[to].symId, value, ...(nonce === undefined ? {} : { nonce }) });

/** A world in which bob has nothing. */
async function createPoorBob(options: Parameters<typeof createWorld>[0] = {}): Promise<TestWorld> {
  const world = createWorld(options);
  await world.run(transfer(world, 'bob', 'dave', START_HUG - FEE));
  expect(balanceOf(world, 'bob')).toBe(0n);
  return world;
}

/** The CA locks somebody, or lets them go again. */
function setStatus(world: TestWorld, name: Name, status: bigint): void {
  const { symId, privateKey } = world.people[name];
  const ca = world.genesis.ca.symId;
  const nonce = world.node.chain.state.get('authority', ca) ?? 0n;
  const { raw } = signCitizen(
    {
      ...{ from: ca, to: ca, nonce, symId, aKeyPubH: hashOf(privateKey), status },
      ...{ vFlag: 0n, country: 0n, credit: 0n, role: 1n, refCode: 0n, writeTime: 1n, extra: new Uint8Array(0) },
    },
    CHAIN_ID,
    world.keys.ca,
  );
  expect(world.node.submitCitizen(raw)).toMatchObject({ kind: 'recorded' });
}

describe('a sender without coin', () => {
  it('is paid and pays in one block, in the order of arrival', async () => {
    const world = await createPoorBob();
    const spending = transfer(world, 'bob', 'carol', 5n);
    expect(await world.submit(spending)).toMatchObject({ reason: 'insufficient-funds' });
    const grant = transfer(world, 'alice', 'bob', FEE + 5n);
    expect(await world.submit(grant)).toMatchObject({ kind: 'accepted' });
    expect(await world.submit(spending)).toMatchObject({ kind: 'accepted' });
    expect(await world.submit(transfer(world, 'bob', 'carol', 1n))).toMatchObject({ reason: 'insufficient-funds' });
    expect(world.node.seal().transactions.map(({ hash }) => hash)).toEqual([grant.hash, spending.hash]);
    expect([balanceOf(world, 'bob'), balanceOf(world, 'carol')]).toEqual([0n, START_HUG + 5n]);
  });

  it('is not paid by what waits behind a gap', async () => {
    const world = await createPoorBob();
    expect(await world.submit(transfer(world, 'alice', 'bob', FEE, 1n))).toMatchObject({ kind: 'accepted' });
    expect(await world.submit(transfer(world, 'bob', 'carol', 0n))).toMatchObject({ reason: 'insufficient-funds' });
    await world.submit(transfer(world, 'alice', 'carol', 0n, 0n));
    expect(await world.submit(transfer(world, 'bob', 'carol', 0n))).toMatchObject({ kind: 'accepted' });
    expect(world.node.seal().transactions).toHaveLength(3);
  });

  it('waits in the pool while the block has no room for both', async () => {
    const world = await createPoorBob({ node: { blockGasLimit: GAS } });
    await world.submit(transfer(world, 'alice', 'bob', FEE));
    await world.submit(transfer(world, 'bob', 'carol', 0n));
    expect(world.node.seal().transactions).toHaveLength(1);
    expect(world.node.pool.counts()).toEqual({ executable: 1, queued: 0 });
    expect(world.node.seal().transactions).toHaveLength(1);
    expect(world.events.filter(({ kind }) => kind === 'dropped')).toEqual([]);
  });

  it('loses what it was to pay with a grant that leaves the pool, and everybody is told', async () => {
    const world = await createPoorBob();
    const grant = transfer(world, 'alice', 'bob', 2n * FEE + 7n);
    const first = transfer(world, 'bob', 'carol', 0n);
    await world.submit(grant);
    await world.submit(first);
    const second = transfer(world, 'bob', 'carol', 7n);
    await world.submit(second);
    setStatus(world, 'alice', 2n);
    expect(world.node.pool.counts()).toEqual({ executable: 0, queued: 0 });
    expect(world.storage.journal()).toEqual([]);
    const why = 'nothing that waits brings the coin that it needs any more';
    expect(world.events.filter(({ kind }) => kind === 'dropped')).toEqual([
      { kind: 'dropped', hashHex: grant.hashHex, why: 'its sender may not pay any more' },
      { kind: 'dropped', hashHex: second.hashHex, why },
      { kind: 'dropped', hashHex: first.hashHex, why },
    ]);
    expect(world.node.seal().transactions).toEqual([]);
  });

  it('leaves the pool when its CA stops it, although the journal cannot be tidied', async () => {
    const inner = createMemoryStorage();
    const journalRemove = (): void => {
      throw new Error('disk full');
    };
    const world = createWorld({
      storage: { ...inner, journalRemove: (hashes) => hashes.length > 0 && journalRemove() },
    });
    await world.submit(transfer(world, 'alice', 'bob', 1n));
    setStatus(world, 'alice', 2n);
    expect(world.node.pool.counts()).toEqual({ executable: 0, queued: 0 });
    expect(world.events.map(({ kind }) => kind)).toEqual(['journal-failed', 'dropped']);
  });

  it('keeps what its own coin pays when a grant leaves the pool', async () => {
    const world = createWorld();
    await world.run(transfer(world, 'bob', 'dave', START_HUG - 2n * FEE));
    const own = transfer(world, 'bob', 'carol', 0n);
    await world.submit(own);
    await world.submit(transfer(world, 'alice', 'bob', FEE));
    const paid = transfer(world, 'bob', 'carol', 0n);
    expect(await world.submit(paid)).toMatchObject({ kind: 'accepted' });
    setStatus(world, 'alice', 2n);
    expect(world.node.seal().transactions.map(({ hash }) => hash)).toEqual([own.hash]);
    expect(world.node.pool.get(paid.hashHex)).toBeUndefined();
  });

  it('finds grant and payment again after a restart, whether or not the grant was in a block before', async () => {
    for (const blockGasLimit of [GAS, 188_495_520n]) {
      const storage = createMemoryStorage();
      const world = await createPoorBob({ storage });
      await world.submit(transfer(world, 'alice', 'bob', FEE));
      await world.submit(transfer(world, 'bob', 'carol', 0n));
      const small = createWorld({ storage, node: { blockGasLimit } });
      expect(small.node.pool.counts()).toEqual({ executable: 2, queued: 0 });
      small.node.seal();
      const again = createWorld({ storage });
      expect(again.node.pool.counts()).toEqual({ executable: blockGasLimit === GAS ? 1 : 0, queued: 0 });
      again.node.seal();
      expect(again.events).not.toContainEqual(expect.objectContaining({ kind: 'dropped' }));
      expect(balanceOf(again, 'bob')).toBe(0n);
    }
  });

  it('finds them though the journal has them in the other order', async () => {
    const storage = createMemoryStorage();
    const world = await createPoorBob({ storage });
    await world.submit(transfer(world, 'alice', 'bob', FEE));
    await world.submit(transfer(world, 'bob', 'carol', 0n));
    const turned = { ...storage, journal: () => [...storage.journal()].reverse() };
    const again = createWorld({ storage: turned });
    expect(again.node.seal().transactions).toHaveLength(2);
  });
});

describe('whatever is sent, sealed, locked and waited for', () => {
  const name = fc.constantFrom(...PEOPLE);
  const step = fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        act: fc.constant('send' as const),
        from: name,
        to: name,
        part: fc.nat(12),
        skip: fc.nat(1),
      }),
    },
    { weight: 2, arbitrary: fc.record({ act: fc.constant('seal' as const) }) },
    { weight: 1, arbitrary: fc.record({ act: fc.constant('lock' as const), from: name }) },
    { weight: 1, arbitrary: fc.record({ act: fc.constant('restart' as const) }) },
    { weight: 1, arbitrary: fc.record({ act: fc.constant('wait' as const) }) },
  );

  it('each transaction is in a block once, waits, or was reported to have left, and no block holds one that cannot pay', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const storage = createMemoryStorage();
        // Room for three: credits and what they pay for are often cut apart.
        const options = {
          storage,
          node: { blockGasLimit: 3n * GAS, blockMs: HOUR_MS, emptyBlockMs: null, pool: { queuedMs: HOUR_MS } },
        };
        const accepted = new Set<string>();
        const left = new Set<string>();
        const mined: string[] = [];
        const note = () => {
          for (const event of world.events.splice(0)) if (event.kind === 'dropped') left.add(event.hashHex);
        };
        const open = () => {
          const opened = createWorld(options);
          opened.node.heads.listen(({ transactions }) => mined.push(...transactions.map(({ hash }) => toHex0x(hash))));
          opened.node.start();
          return opened;
        };
        let world = open();
        for (const each of steps) {
          if (each.act === 'seal') world.node.seal();
          else if (each.act === 'wait') world.timers.advance(HOUR_MS);
          else if (each.act === 'restart') {
            note();
            world.node.stop();
            world = open();
          } else if (each.act === 'lock') {
            setStatus(world, each.from, 2n);
            setStatus(world, each.from, 1n);
          } else {
            const nonce =
              world.node.pool.nextNonce(world.people[each.from].symId) + (each.skip === 1 && each.part === 0 ? 1n : 0n);
            const signed = transfer(world, each.from, each.to, (START_HUG * BigInt(each.part)) / 5n, nonce);
            const outcome = await world.submit(signed);
            if (outcome.kind === 'accepted') {
              accepted.add(signed.hashHex);
              left.delete(signed.hashHex);
            }
          }
          note();
        }
        for (let block = 0; world.node.pool.counts().executable > 0; block++) {
          expect(block).toBeLessThan(60);
          world.node.seal();
          note();
        }
        expect(new Set(mined).size).toBe(mined.length);
        const waiting = [...world.node.pool.waiting().queued].map(({ hashHex }) => hashHex);
        for (const hash of accepted) {
          const places = [mined.includes(hash), left.has(hash), waiting.includes(hash as `0x${string}`)];
          expect({ hash, places: places.filter(Boolean).length }).toEqual({ hash, places: 1 });
        }
        expect(
          storage
            .journal()
            .map(({ hash }) => toHex0x(hash))
            .sort(),
        ).toEqual(waiting.sort());
        const total = [...PEOPLE.map((each) => balanceOf(world, each)), sealerCoin(world)].reduce(
          (sum, coin) => sum + coin,
          0n,
        );
        expect(total).toBe(START_HUG * BigInt(PEOPLE.length));
      }),
      { numRuns: 150 },
    );
  });
});

const sealerCoin = (world: TestWorld): bigint =>
  world.node.chain.state.get('account', world.genesis.sealer.symId)?.balance ?? 0n;
