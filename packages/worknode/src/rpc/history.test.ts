import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { seededIds } from '@jigeum/std';
import type { SymId } from '@jigeum/symverse';
import { nativeCrypto } from '@jigeum/symverse/native';
import type { BlockTag } from '@jigeum/symverse/rpc';
import { createAuthority } from '../ca/authority.ts';
import { createMemoryStorage } from '../storage/memory.ts';
import { openSqliteStorage } from '../storage/sqlite.ts';
import type { NodeStorage } from '../storage/storage.ts';
import { createWorld, type TestWorld } from '../testing.ts';
import { RpcFault } from './fault.ts';
import { rpcHandlers } from './methods.ts';
import { olderState, OLDER_ROWS_MAX } from './reads.ts';

let folder: string;
let storage: NodeStorage | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jigeum-history-'));
});
afterEach(() => {
  storage?.close();
  rmSync(folder, { recursive: true, force: true });
});

const STORAGES = {
  memory: createMemoryStorage,
  SQLite: (options?: { readonly keepHistory?: number }) => openSqliteStorage(join(folder, 'chain.sqlite'), options),
};
const ISSUED = new Uint8Array(20).fill(9);

/** Seven blocks that change everything that can be asked for; `look` is called after each of them. */
async function live(world: TestWorld, look: (token: SymId) => void): Promise<void> {
  const { bob, carol } = world.people;
  const token = await world.createToken();
  look(token);
  await world.run(world.sign('alice', { to: bob.symId, value: 5n }));
  look(token);
  await world.run(world.signCall('alice', token, { method: 'transfer', to: bob.symId, amount: 40n }));
  look(token);
  await world.run(world.sign('bob', { to: null, type: 2, value: 1000n }));
  look(token);
  await world.run(world.signCall('bob', token, { method: 'approve', to: carol.symId, amount: 7n }));
  look(token);
  await world.run(world.signCall('alice', token, { method: 'pause' }));
  const { clock, node, keys } = world;
  createAuthority({ clock, ids: seededIds('history'), crypto: nativeCrypto, node }, keys.ca).issue(ISSUED);
  look(token);
  await world.run(world.sign('bob', { to: bob.symId, type: 2 }));
  look(token);
}

/** All that JSON-RPC tells of the state at a block. */
function answersAt(world: TestWorld, token: SymId, tag: BlockTag): unknown {
  const rpc = rpcHandlers(world.node);
  const { alice, bob, carol } = world.people;
  return {
    coins: [alice, bob, carol].map(({ symId }) => [
      rpc.sym_getBalance(symId, tag),
      rpc.sym_getTransactionCount(symId, tag),
      rpc.sym_getDeposit(symId, tag),
    ]),
    token: rpc.sct_getContract(token, tag),
    holdings: [alice, bob, carol].map(({ symId }) => rpc.sct_getContractAccount(token, symId, tag)),
    allowance: rpc.sct_getAllowance(token, bob.symId, carol.symId, tag),
  };
}

describe('one answer', () => {
  it('reads a bounded number of rows of an older block, each of which may take a search through the history', () => {
    const rows = { get: () => undefined };
    const state = olderState({ stateAt: () => rows }, { chain: 'main', block: 3 });
    for (let read = 0; read < OLDER_ROWS_MAX; read++) state.get('item', `0x/${read}`);
    expect(() => state.get('item', '0x/0')).toThrow(/too many results: expected at most 256 rows at an older block/);
  });
});

describe.each(Object.entries(STORAGES))('older blocks in %s', (_name, open) => {
  it('show balances, nonces, deposits, tokens and citizens as they were when they were the newest', async () => {
    storage = open();
    const world = createWorld({ storage });
    const seen: { token: SymId; block: bigint; answers: unknown }[] = [];
    await live(world, (token) => {
      const block = BigInt(world.node.chain.head().number);
      seen.push({ token, block, answers: answersAt(world, token, 'latest') });
    });
    expect(seen.length).toBe(7);
    for (const [at, { answers }] of seen.slice(1).entries()) expect(answers).not.toEqual(seen[at]!.answers);
    for (const { token, block, answers } of seen)
      expect(answersAt(world, token, block), `block ${block}`).toEqual(answers);
    const rpc = rpcHandlers(world.node);
    expect(rpc.sct_getContract(seen[0]!.token, 'earliest')).toBeNull();

    const issued = world.node.chain.symIdOfKey(ISSUED)!;
    expect(rpc.citizen_getCitizenBySymID(issued, 1n)).toMatchObject({ aKeyPubH: ISSUED });
    expect(rpc.citizen_getCitizenBySymID(issued, 'earliest')).toBeNull();
    expect(rpc.citizen_getCitizenBySymID(world.people.alice.symId, 'earliest')).not.toBeNull();
    expect(() => rpc.citizen_getCitizenBySymID(issued, 2n)).toThrow(/at most citizen block 1, got block 2/);
  });

  it('say which is the oldest one where older states were removed', async () => {
    storage = open({ keepHistory: 2 });
    const world = createWorld({ storage });
    let token: SymId | undefined;
    await live(world, (made) => (token = made));
    const rpc = rpcHandlers(world.node);
    const { alice } = world.people;
    expect(world.node.chain.head().number).toBe(7);
    expect(rpc.sym_getTransactionCount(alice.symId, 5n)).toBe(3n);
    expect(rpc.sym_getTransactionCount(alice.symId, 6n)).toBe(4n);
    expect(() => rpc.sym_getTransactionCount(alice.symId, 4n)).toThrow(RpcFault);
    expect(() => rpc.sct_getContract(token!, 4n)).toThrow(
      /state is not available: expected block 5 or a later one, got block 4/,
    );
  });
});
