import type { ChainDriver, Signer } from '@jigeum/chain';
import { bytesToHex, randomIds } from '@jigeum/std';
import { generatePrivateKey, keyHash, nobleCrypto, sha3_256, signatureToBytes } from '@jigeum/symverse';
import { nativeCrypto } from '@jigeum/symverse/native';
import { httpTransport, RPC_CODE, type RpcTransport } from '@jigeum/symverse/rpc';
import { startWorkNode, type StartedWorkNode } from '@jigeum/worknode';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createSymverseDriver } from './index.ts';

const CHAIN_ID = 7;
const PAYER = '0x00020000000002000002';
const PAYEE = '0x00020000000002010002';
const CONTRACT = '0xff000000000000000001';
const HASH = new Uint8Array(32).fill(1);
const HASH_HEX = `0x${'01'.repeat(32)}`;
const OTHER_CHAIN = "Expected a node of chain 7, got one of chain 8. Check the node's address.";
const OTHER_GENESIS = /^Expected a node whose block 0 is 0x[0-9a-f]{64}, got one of chain 7 that has no such block\./;

const keys = [generatePrivateKey(randomIds), generatePrivateKey(randomIds)];
const citizens = [PAYER, PAYEE].map((symId, index) => ({
  symId,
  keyHash: `0x${bytesToHex(keyHash(nativeCrypto.publicKey(keys[index]!), sha3_256))}`,
}));
const payerSigner: Signer = {
  sign(digest) {
    const signature = nobleCrypto.sign(digest, keys[0]!);
    const bytes = signatureToBytes(signature);
    return { r: bytes.subarray(0, 32), s: bytes.subarray(32), v: signature.v };
  },
};

/** A node of a chain of its own, with the same people and coins: what it answers looks as right as can be. */
const startNode = (chainId: number): Promise<StartedWorkNode> =>
  startWorkNode({
    chainId: BigInt(chainId),
    genesis: JSON.stringify({ chainId, caId: 2, citizens, allocations: { [PAYER]: (10n ** 24n).toString() } }),
    blockMs: 50,
    emptyBlockMs: null,
    sealWhenBusy: true,
  });

let own: StartedWorkNode;
let ofOtherChain: StartedWorkNode;
let madeAnew: StartedWorkNode;
beforeAll(async () => {
  [own, ofOtherChain, madeAnew] = await Promise.all([
    startNode(CHAIN_ID),
    startNode(CHAIN_ID + 1),
    startNode(CHAIN_ID),
  ]);
});
afterAll(() => Promise.all([own, ofOtherChain, madeAnew].map((node) => node.stop())));

let answering: RpcTransport;
let bodies: string[];
let driver: ChainDriver;
beforeEach(() => {
  answering = httpTransport(own.rpcUrl);
  bodies = [];
  driver = createSymverseDriver({
    node: {
      post(body, limits) {
        bodies.push(body);
        return answering.post(body, limits);
      },
    },
    chainId: CHAIN_ID,
    crypto: nativeCrypto,
  });
});

const signed = (nonce = 0) =>
  driver.sign({ intent: { kind: 'native', to: PAYEE, amount: 1n }, from: PAYER, nonce, signer: payerSigner });

const READS: readonly { name: string; read: (asked: ChainDriver) => Promise<unknown> }[] = [
  { name: 'head', read: (asked) => asked.head() },
  { name: 'nativeBalance', read: (asked) => asked.nativeBalance(PAYER) },
  { name: 'nativeBalances', read: (asked) => asked.nativeBalances([PAYER, PAYEE]) },
  { name: 'tokenBalances', read: (asked) => asked.tokenBalances(CONTRACT, [PAYER]) },
  { name: 'nativeBalances of a block', read: (asked) => asked.stateAt(0).nativeBalances([PAYER]) },
  { name: 'tokenBalances of a block', read: (asked) => asked.stateAt(0).tokenBalances(CONTRACT, [PAYER]) },
  { name: 'nonces of a block', read: (asked) => asked.stateAt(0).nonces([PAYER]) },
  { name: 'supply of a block', read: (asked) => asked.stateAt(0).supply(CONTRACT) },
  { name: 'finalNonce', read: (asked) => asked.finalNonce(PAYER) },
  { name: 'outcomes', read: (asked) => asked.outcomes([HASH]) },
  { name: 'provenAbsent', read: (asked) => asked.provenAbsent([{ from: PAYER, nonce: 0, hash: HASH }]) },
  { name: 'contractFacts', read: (asked) => asked.contractFacts(CONTRACT) },
  { name: 'contractItems', read: (asked) => asked.contractItems(CONTRACT, [0]) },
  { name: 'block', read: (asked) => asked.block(0) },
  { name: 'a block beyond the head', read: (asked) => asked.block(1_000_000) },
  { name: 'transaction', read: (asked) => asked.transaction(HASH_HEX) },
  { name: 'transactionProof', read: (asked) => asked.transactionProof(HASH_HEX) },
  { name: 'identity', read: (asked) => asked.identity(PAYER) },
  { name: 'deposit', read: (asked) => asked.deposit(PAYER) },
];

describe('a node of another chain that takes the address of one that was believed', () => {
  it.each(READS)('is not believed: $name', async ({ read }) => {
    await read(driver);
    answering = httpTransport(ofOtherChain.rpcUrl);
    await expect(read(driver)).rejects.toMatchObject({ name: 'ChainUnreachable', message: OTHER_CHAIN });
    answering = httpTransport(own.rpcUrl);
    await read(driver);
  });

  it.each(READS)('is not believed where it has the same chain id and another block 0: $name', async ({ read }) => {
    await read(driver);
    answering = httpTransport(madeAnew.rpcUrl);
    const expected = { name: 'ChainUnreachable', message: expect.stringMatching(OTHER_GENESIS) };
    await expect(read(driver)).rejects.toMatchObject(expected);
    answering = httpTransport(own.rpcUrl);
    await read(driver);
  });

  it('leaves each transaction unknown that it refuses', async () => {
    await driver.head();
    answering = httpTransport(ofOtherChain.rpcUrl);
    const outcomes = await driver.broadcast([signed().raw, Uint8Array.of(1)]);
    expect(outcomes).toEqual(Array.from({ length: 2 }, () => ({ kind: 'unknown', cause: OTHER_CHAIN })));
  });

  it('leaves each transaction unknown that it takes', async () => {
    await driver.head();
    answering = httpTransport(madeAnew.rpcUrl);
    const [outcome] = await driver.broadcast([signed().raw]);
    expect(outcome).toEqual({ kind: 'unknown', cause: expect.stringMatching(OTHER_GENESIS) });
    const another = createSymverseDriver({ node: madeAnew.rpcUrl, chainId: CHAIN_ID, crypto: nativeCrypto });
    expect(await another.outcomes([signed().hash])).not.toEqual([{ kind: 'absent' }]);
    answering = httpTransport(own.rpcUrl);
    expect(await driver.outcomes([signed().hash])).toEqual([{ kind: 'absent' }]);
  });
});

describe('the question for the chain', () => {
  it('is about the block 0 that the platform knows already, also at the first node that answers', async () => {
    const { hash } = (await driver.block(0))!;
    bodies.length = 0;
    const node: RpcTransport = {
      post(body, limits) {
        bodies.push(body);
        return answering.post(body, limits);
      },
    };
    const genesisHash = hash as `0x${string}`;
    const knowing = createSymverseDriver({ node, chainId: CHAIN_ID, crypto: nativeCrypto, genesisHash });
    answering = httpTransport(madeAnew.rpcUrl);
    await expect(knowing.head()).rejects.toThrow(OTHER_GENESIS);
    answering = httpTransport(own.rpcUrl);
    await knowing.head();
    expect(bodies).toHaveLength(2);
  });

  it('travels in the request that it is about, and in no other', async () => {
    await driver.head();
    bodies.length = 0;
    await driver.head();
    await driver.outcomes([HASH]);
    await driver.broadcast([Uint8Array.of(1)]);
    const methods = bodies.map((body) => (JSON.parse(body) as { method: string }[]).map(({ method }) => method));
    const asked = ['net_version', 'sym_getBlockTransactionCountByHash'];
    expect(methods).toEqual([
      [...asked, 'sym_getBlockByNumber'],
      [...asked, 'sym_getTransactionReceipt'],
      [...asked, 'sym_getTransactionByHash'],
      [...asked, 'sym_sendRawTransaction'],
    ]);
  });

  it.each(['net_version', 'sym_getBlockTransactionCountByHash'])(
    'makes nothing believed where the node refuses %s alone',
    async (refused) => {
      await driver.head();
      answering = {
        async post(body) {
          const calls = JSON.parse(body) as { id: number; method: string }[];
          const error = { code: RPC_CODE.methodNotFound, message: 'the method does not exist/is not available' };
          const answers = calls.map(({ id, method }) =>
            method === refused
              ? { jsonrpc: '2.0', id, error }
              : { jsonrpc: '2.0', id, result: method === 'net_version' ? '7' : '0x0' },
          );
          return { status: 200, text: JSON.stringify(answers) };
        },
      };
      await expect(driver.finalNonce(PAYER)).rejects.toMatchObject({ name: 'ChainUnreachable' });
      expect(await driver.broadcast([Uint8Array.of(1)])).toMatchObject([{ kind: 'unknown' }]);
    },
  );
});
