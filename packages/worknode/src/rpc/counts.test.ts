/** Answers that need no more of a block than its head or its count read no more of it. */
import { beforeEach, describe, expect, it } from 'vitest';
import { seededIds, toHex0x } from '@jigeum/std';
import { encodeRpcResult } from '@jigeum/symverse/rpc';
import { nativeCrypto } from '@jigeum/symverse/native';
import { createAuthority } from '../ca/authority.ts';
import { createMemoryStorage } from '../storage/memory.ts';
import type { NodeStorage } from '../storage/storage.ts';
import { createWorld, type TestWorld } from '../testing.ts';
import { CITIZEN_CHARACTERS_MIN } from './methods/citizen.ts';
import { rpcHandlers } from './methods.ts';
import { OLDER_ROWS_MAX } from './reads.ts';

/** Blocks that were read whole. */
let whole: string[];
let world: TestWorld;
let storage: NodeStorage;
beforeEach(() => {
  const memory = createMemoryStorage();
  storage = {
    ...memory,
    block: (number) => (whole.push(`block ${number}`), memory.block(number)),
    citizenBlock: (number) => (whole.push(`citizen block ${number}`), memory.citizenBlock(number)),
  };
  whole = [];
  world = createWorld({ storage });
});
describe('what needs only the head of a block', () => {
  it('does not read the rest of it: a record by its hash, and counts', async () => {
    const receipt = await world.run(world.sign('alice', { to: world.people.bob.symId }));
    expect(receipt.status).toBe(1);
    const rpc = rpcHandlers(world.node);
    const { hash } = storage.blockHead(1)!;
    const { hash: citizenHash } = storage.citizenBlockHead(0)!;
    const record = toHex0x(world.node.chain.state.get('citizen', world.people.carol.symId)!.recordHash);
    whole.length = 0;
    expect(rpc.citizen_getCitizenByHash(record)).toMatchObject({
      symId: world.people.carol.symId,
      blockHash: toHex0x(citizenHash),
    });
    expect(rpc.citizen_getBlockCitizenCountByNumber('earliest')).toBe(6n);
    expect(rpc.citizen_getBlockCitizenCountByNumber(1n)).toBeNull();
    expect(rpc.citizen_getBlockCitizenCountByHash(toHex0x(citizenHash))).toBe(6n);
    expect(rpc.citizen_getBlockCitizenCountByHash(toHex0x(hash))).toBeNull();
    expect(rpc.sym_getBlockTransactionCountByNumber('latest')).toBe(1n);
    expect(rpc.sym_getBlockTransactionCountByNumber(0n)).toBe(0n);
    expect(rpc.sym_getBlockTransactionCountByNumber(2n)).toBeNull();
    expect(rpc.sym_getBlockTransactionCountByHash(toHex0x(hash))).toBe(1n);
    expect(rpc.sym_getBlockTransactionCountByHash(toHex0x(citizenHash))).toBeNull();
    expect(whole).toEqual([]);
  });
});

describe('a transaction at a place of a block', () => {
  it('is that of the whole block, and none of the others is read for it', async () => {
    const to = world.people.bob.symId;
    const { nonce } = world.sign('alice', { to }).transaction;
    for (const sender of ['alice', 'bob', 'carol'] as const) await world.submit(world.sign(sender, { to, value: 5n }));
    await world.submit(world.sign('alice', { to, nonce: nonce + 1n }));
    world.node.seal();
    const rpc = rpcHandlers(world.node);
    const block = await rpc.sym_getBlockByNumber(1n, true);
    const { hash: citizenHash } = storage.citizenBlockHead(0)!;
    expect(block?.transactions).toHaveLength(4);
    whole.length = 0;
    for (const [index, transaction] of block!.transactions.entries()) {
      expect(transaction).toMatchObject({ blockHash: block!.hash, blockNumber: 1n, transactionIndex: BigInt(index) });
      expect(rpc.sym_getTransactionByBlockNumberAndIndex(1n, BigInt(index))).toEqual(transaction);
      expect(rpc.sym_getTransactionByBlockNumberAndIndex('latest', BigInt(index))).toEqual(transaction);
      expect(rpc.sym_getTransactionByBlockHashAndIndex(block!.hash, BigInt(index))).toEqual(transaction);
    }
    for (const index of [4n, 64n, 2n ** 32n, 2n ** 200n]) {
      expect(rpc.sym_getTransactionByBlockNumberAndIndex(1n, index)).toBeNull();
      expect(rpc.sym_getTransactionByBlockHashAndIndex(block!.hash, index)).toBeNull();
    }
    for (const tag of ['earliest', 2n] as const)
      expect(rpc.sym_getTransactionByBlockNumberAndIndex(tag, 0n)).toBeNull();
    expect(rpc.sym_getTransactionByBlockHashAndIndex(toHex0x(citizenHash), 0n)).toBeNull();
    expect(whole).toEqual([]);
  });
});

describe('a citizen block that fits no answer', () => {
  it('is refused by its count, before it is read', () => {
    let count = 20_000;
    const { node } = world;
    const crowded = { ...storage, recordCount: () => count };
    const rpc = rpcHandlers({ ...node, chain: { ...node.chain, storage: crowded } });
    const hash = toHex0x(storage.citizenBlockHead(0)!.hash);
    whole.length = 0;
    const refused = new RegExp(
      `^response too large: expected at most 8388608 characters, got 20000 records of at least ${CITIZEN_CHARACTERS_MIN}; ask for the block's hashes, and for single records by citizen_getCitizenByHash$`,
    );
    expect(() => rpc.citizen_getBlockByNumber('earliest', true)).toThrow(refused);
    expect(() => rpc.citizen_getBlockByHash(hash, true)).toThrow(refused);
    expect(() => rpc.citizen_getCitizensByBlockNumber('earliest')).toThrow(refused);
    count = 200_000;
    expect(() => rpc.citizen_getBlockByNumber('earliest', false)).toThrow(
      /got 200000 hashes of at least 69; ask for single records by citizen_getCitizenByHash$/,
    );
    expect(whole).toEqual([]);
    count = 6;
    expect(rpc.citizen_getBlockByNumber('earliest', true)).toMatchObject({ number: 0n });
  });

  it('is known by the least that a record takes', () => {
    const rpc = rpcHandlers(world.node);
    const record = toHex0x(world.node.chain.state.get('citizen', world.people.carol.symId)!.recordHash);
    const citizen = rpc.citizen_getCitizenByHash(record);
    const zeros = Object.entries(citizen as object).map(([name, value]) => [
      name,
      typeof value === 'bigint' ? 0n : name === 'extra' ? new Uint8Array(0) : value,
    ]);
    const least = Object.fromEntries(zeros) as Awaited<typeof citizen>;
    expect(JSON.stringify(encodeRpcResult('citizen_getCitizenByHash', least)).length + ','.length).toBe(
      CITIZEN_CHARACTERS_MIN,
    );
  });
});

describe('the count of citizens', () => {
  it('is told of the newest blocks and of the genesis: each SymID counts from its first record on', () => {
    const { clock, node, keys } = world;
    const ca = createAuthority({ clock, ids: seededIds('counts'), crypto: nativeCrypto, node }, keys.ca);
    const issue = (seed: number) => ca.issue(new Uint8Array(20).fill(seed)).symId;
    const first = issue(1);
    ca.setStatus(first, 'locked');
    issue(2);
    ca.setStatus(world.people.alice.symId, 'marked');
    const rpc = rpcHandlers(node);
    const counts = [0n, 1n, 2n, 3n, 4n].map((block) => rpc.citizen_getCitizenCount(block));
    expect(counts).toEqual([6n, 7n, 7n, 8n, 8n]);
    expect(rpc.citizen_getCitizenCount('earliest')).toBe(6n);
    expect(rpc.citizen_getCitizenCount('latest')).toBe(8n);
    expect(() => rpc.citizen_getCitizenCount(5n)).toThrow(/expected "latest" or at most citizen block 4, got block 5/);

    for (let turn = 0; turn < OLDER_ROWS_MAX; turn++) ca.setStatus(first, turn % 2 === 0 ? 'active' : 'locked');
    expect(rpc.citizen_getCitizenCount(4n)).toBe(8n);
    expect(rpc.citizen_getCitizenCount(0n)).toBe(6n);
    expect(() => rpc.citizen_getCitizenCount(3n)).toThrow(
      /^the count is not available: expected "earliest", or a citizen block from 4 to 260, got block 3$/,
    );
  });
});
