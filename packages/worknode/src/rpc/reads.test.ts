import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededIds } from '@jigeum/std';
import { decodeCitizenBlock, encodeCitizenBlock, decodeCitizen, decodeCitizenHeader } from '@jigeum/symverse';
import { createRpcClient, httpTransport, RPC_METHODS } from '@jigeum/symverse/rpc';
import { nativeCrypto } from '@jigeum/symverse/native';
import { createAuthority } from '../ca/authority.ts';
import { createWorld, type TestWorld } from '../testing.ts';
import { rpcHandlers } from './methods.ts';
import { serve, type TestRpc } from './testing.ts';

let world: TestWorld;
let rpc: TestRpc;
beforeAll(async () => {
  world = createWorld();
  rpc = await serve(rpcHandlers(world.node));
});
afterAll(async () => {
  await rpc.server.stop();
  expect(rpc.reported).toEqual([]);
});
const client = () => createRpcClient({ transport: httpTransport(rpc.server.url) });
const ZERO_HASH = `0x${'0'.repeat(64)}` as const;

describe('what the node says of itself', () => {
  it('names itself, its chain, its modules and its single sealer', async () => {
    const node = client();
    const chainId = 7777;
    expect(await node.call('net_version')).toBe('7777');
    expect(await node.call('net_peerCount')).toBe(0n);
    expect(await node.call('admin_peers')).toEqual([]);
    expect(await node.call('pon_currentPrimary')).toBe(await node.call('sym_symbase'));
    expect(await node.call('pon_working')).toBe(true);
    const genesis = await node.call('sym_getBlockByNumber', 'earliest');
    const { hash: head } = (await node.call('sym_getBlockByNumber', 'latest'))!;
    expect(await node.call('admin_nodeInfo')).toEqual({
      name: await node.call('web3_clientVersion'),
      ports: { discovery: 0, listener: 0 },
      protocols: {
        sym: {
          config: { chainId, masterCA: world.genesis.ca.symId },
          genesis: genesis!.hash,
          head,
          network: chainId,
        },
      },
    });
    const namespaces = new Set(
      Object.keys(RPC_METHODS)
        .map((name) => name.split('_')[0]!)
        // Not without keys.
        .filter((name) => name !== 'personal'),
    );
    expect(Object.keys(await node.call('rpc_modules'))).toEqual([...namespaces].toSorted());
  });

  it('has no code and executes none', async () => {
    const node = client();
    const { alice } = world.people;
    expect(await node.call('sym_getCode', alice.symId)).toEqual(new Uint8Array(0));
    expect(await node.call('sym_getReward', ZERO_HASH)).toBeNull();
    expect(await rpc.call('sym_call', { to: alice.symId, data: '0x00' }, 'latest')).toMatchObject({
      error: { code: -32000, message: expect.stringMatching(/this node runs no EVM code/) },
    });
  });
});

describe('the citizen chain', () => {
  it('shows blocks, counts and records, whole and as hashes, as the documents do', async () => {
    const node = client();
    const { clock } = world;
    const authority = createAuthority(
      { clock, ids: seededIds('reads'), crypto: nativeCrypto, node: world.node },
      world.keys.ca,
    );
    const before = await node.call('citizen_getCitizenCount');
    const { symId, recordHash } = authority.issue(new Uint8Array(20).fill(9));
    expect(await node.call('citizen_getCitizenCount')).toBe(before + 1n);
    expect(await node.call('citizen_blockNumber')).toBe(1n);
    expect(await node.call('citizen_pendingCitizens')).toEqual([]);
    expect(await node.call('citizen_getSymIDByUserID', 'alice')).toBeNull();

    const record = await node.call('citizen_getCitizenByHash', recordHash);
    expect(record).toMatchObject({ symId, blockNumber: 1n, citizenIndex: 0n, from: world.genesis.ca.symId });
    expect(await node.call('citizen_getCitizensByBlockNumber', 1n)).toEqual([record]);
    expect(await node.call('citizen_getCitizensByBlockNumber', 'earliest')).toHaveLength(6);

    const block = (await node.call('citizen_getBlockByNumber', 1n, true))!;
    expect(block.citizens).toEqual([record]);
    expect(await node.call('citizen_getBlockByHash', block.hash)).toEqual({ ...block, citizens: [recordHash] });
    expect(await node.call('citizen_getBlockCitizenCountByNumber', 'earliest')).toBe(6n);
    expect(await node.call('citizen_getBlockCitizenCountByHash', block.hash)).toBe(1n);

    // The shown parts make the block whose hash and size are shown.
    const raw = (await node.call('citizen_getRawCitizenByHash', recordHash))!;
    const stored = world.storage.citizenBlock(1)!;
    const whole = encodeCitizenBlock({ header: decodeCitizenHeader(stored.header), citizens: [decodeCitizen(raw)] });
    expect(BigInt(whole.length)).toBe(block.size);
    expect(decodeCitizenBlock(whole).header.extra).toEqual(block.extraData);
  });

  it('answers null for what is not there', async () => {
    const node = client();
    expect(await node.call('citizen_getBlockByNumber', 99n)).toBeNull();
    expect(await node.call('citizen_getBlockByHash', ZERO_HASH)).toBeNull();
    expect(await node.call('citizen_getCitizensByBlockNumber', 99n)).toBeNull();
    expect(await node.call('citizen_getBlockCitizenCountByHash', ZERO_HASH)).toBeNull();
    expect(await node.call('citizen_getRawCitizenByHash', ZERO_HASH)).toBeNull();
    expect(await node.call('citizen_getCitizenBySymID', '0x00020000000000990002' as never)).toBeNull();
  });
});

describe('the chains that a single sealer has not', () => {
  it('are empty: height zero, no block, no record', async () => {
    const node = client();
    const { alice } = world.people;
    expect(await node.call('warrant_blockNumber')).toBe(0n);
    expect(await node.call('warrant_getWarrantsByBlockNumber', 1n, false)).toBeNull();
    expect(await node.call('warrant_getWarrantsByBlockHash', ZERO_HASH)).toBeNull();
    expect(await node.call('warrant_getBlockByNumber', 'latest')).toBeNull();
    expect(await node.call('warrant_getBlockByHash', ZERO_HASH)).toBeNull();
    for (const block of ['latest', '0x2fa', 762, ZERO_HASH])
      expect(await rpc.call('warrant_getRewardAddr', alice.symId, block)).toMatchObject({ result: null });
    expect(await rpc.call('warrant_getRewardAddr', alice.symId, -1)).toMatchObject({ error: { code: -32602 } });

    expect(await node.call('oracle_blockNumber')).toBe(0n);
    expect(await node.call('oracle_getOracleByHash', ZERO_HASH)).toBeNull();
    expect(await node.call('oracle_getRawOracleByHash', ZERO_HASH)).toBeNull();
    expect(await node.call('oracle_getOracleCount', alice.symId)).toBe(0n);
    expect(await node.call('oracle_pendingOracles')).toEqual([]);
    expect(await node.call('oracle_getBlockByNumber', 'latest')).toBeNull();
    expect(await node.call('oracle_getBlockByHash', ZERO_HASH)).toBeNull();
  });

  it('refuses oracle records rather than keep them for nobody', async () => {
    const { alice } = world.people;
    const refused = { error: { code: -32000, message: expect.stringMatching(/^oracle records are not taken/) } };
    expect(await rpc.call('oracle_sendRawOracle', '0xc0')).toMatchObject(refused);
    expect(await rpc.call('oracle_sendOracleJSON', alice.symId, '{}')).toMatchObject(refused);
    expect(await rpc.call('oracle_sendOracle', { from: alice.symId, data: '0x7b7d' })).toMatchObject(refused);
  });
});

describe('txpool', () => {
  it('shows what waits by sender and nonce: what a block could take, and what waits behind a gap', async () => {
    const node = client();
    const { alice, bob } = world.people;
    const first = world.sign('alice', { to: bob.symId, value: 5n });
    const { nonce } = first.transaction;
    const behind = world.sign('alice', { to: bob.symId, nonce: nonce + 2n });
    await world.submit(first);
    await world.submit(behind);
    const content = await node.call('txpool_content');
    expect(content.pending).toEqual({
      [alice.symId]: { [nonce.toString()]: [await node.call('sym_getTransactionByHash', first.hashHex)] },
    });
    expect(content.queued[alice.symId]![(nonce + 2n).toString()]).toMatchObject([
      { hash: behind.hashHex, blockHash: null },
    ]);
    expect(await node.call('txpool_inspect')).toEqual({
      pending: { [alice.symId]: { [nonce.toString()]: [`${bob.symId}: 5 hug + 49000 × 100000000000 gas`] } },
      queued: { [alice.symId]: { [(nonce + 2n).toString()]: [`${bob.symId}: 0 hug + 49000 × 100000000000 gas`] } },
    });
    expect(await node.call('txpool_status')).toEqual({ pending: 1n, queued: 1n });
  });

  it('refuses to show a pool that is too large for one answer', async () => {
    const { symId } = world.people.bob;
    const { transaction } = world.sign('carol', { to: symId, input: new Uint8Array(30_000) });
    const waiting = Array.from({ length: 220 }, (_, nonce) => ({
      transaction: { ...transaction, nonce: BigInt(nonce) },
      raw: new Uint8Array(30_150),
      hash: new Uint8Array(32),
      hashHex: ZERO_HASH,
      costMax: 0n,
    }));
    const pool = { ...world.node.pool, waiting: () => ({ executable: waiting, queued: [] }) };
    const crowded = await serve(rpcHandlers({ ...world.node, pool }));
    const refused = { error: { code: -32003, message: expect.stringMatching(/^response too large: the pool holds/) } };
    expect(await crowded.call('txpool_content')).toMatchObject(refused);
    expect(await crowded.call('txpool_inspect')).toMatchObject(refused);
    await crowded.server.stop();
  });
});
