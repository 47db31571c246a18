import { driverConformance, type ConformanceParty, type ConformanceWorld } from '@jigeum/chain/conformance';
import type { Signer } from '@jigeum/chain';
import { bytesToHex, fromHex0x, randomIds } from '@jigeum/std';
import {
  generatePrivateKey,
  keyHash,
  nobleCrypto,
  readTransactionProof,
  signatureToBytes,
  sha3_256,
  verifyTransactionProof,
} from '@jigeum/symverse';
import { nativeCrypto } from '@jigeum/symverse/native';
import {
  httpTransport,
  RpcResponseError,
  RpcUnknownError,
  refusal,
  RPC_CODE,
  RPC_REFUSALS,
  type RpcRefusal,
} from '@jigeum/symverse/rpc';
import { startWorkNode, type StartedWorkNode } from '@jigeum/worknode';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { outcomeOfError } from './errors.ts';
import { createCaRegistry, createSymverseDriver } from './index.ts';

const CHAIN_ID = 7;
let node: StartedWorkNode;
let world: ConformanceWorld;

beforeAll(async () => {
  const keys = [generatePrivateKey(randomIds), generatePrivateKey(randomIds)];
  const parties = keys.map((key, index): ConformanceParty => ({
    address: `0x000200000000020${index}0002`,
    signer: signerOf(key),
  }));
  node = await startWorkNode({
    genesis: JSON.stringify({
      chainId: CHAIN_ID,
      caId: 2,
      citizens: keys.map((key, index) => ({ symId: parties[index]!.address, keyHash: `0x${bytesToHex(hashOf(key))}` })),
      allocations: { [parties[0]!.address]: (10n ** 24n).toString() },
    }),
    blockMs: 50,
    emptyBlockMs: null,
    sealWhenBusy: true,
  });
  const options = { chainId: CHAIN_ID, crypto: nativeCrypto };
  const real = httpTransport(node.rpcUrl);
  const lost = new RpcUnknownError('timeout', 'The answer was lost on purpose.');
  world = {
    driver: createSymverseDriver({ ...options, node: node.rpcUrl }),
    losing: createSymverseDriver({
      ...options,
      node: {
        async post(body, limits) {
          const answer = await real.post(body, limits);
          if (body.includes('sym_sendRawTransaction')) throw lost;
          return answer;
        },
      },
    }),
    garbling: createSymverseDriver({
      ...options,
      node: { post: async () => ({ status: 200, text: '{"jsonrpc":"2.0","id":-1}' }) },
    }),
    away: createSymverseDriver({ ...options, node: 'http://127.0.0.1:1' }),
    rich: parties[0]!,
    poor: parties[1]!,
    nobody: '0x00020000000009990002',
  };
});
afterAll(() => node.stop());

const hashOf = (privateKey: Uint8Array) => keyHash(nativeCrypto.publicKey(privateKey), sha3_256);

function signerOf(privateKey: Uint8Array): Signer {
  return {
    sign(digest) {
      const signature = nobleCrypto.sign(digest, privateKey);
      const bytes = signatureToBytes(signature);
      return { r: bytes.subarray(0, 32), s: bytes.subarray(32), v: signature.v };
    },
  };
}

describe('the driver over a work node', () => {
  it.each(driverConformance)('$name', async ({ run }) => run(world));

  it('reads a block in parts where the node calls it too large for one answer', async () => {
    const real = httpTransport(node.rpcUrl);
    const small = createSymverseDriver({
      chainId: CHAIN_ID,
      crypto: nativeCrypto,
      node: {
        async post(body, limits) {
          const { status, text } = await real.post(body, limits);
          const isWhole = (JSON.parse(body) as { id: number; method: string; params: unknown[] }[])
            .filter(({ method, params }) => method === 'sym_getBlockByNumber' && params[1] === true)
            .map(({ id }) => id);
          const error = { code: RPC_CODE.resultTooLarge, message: 'response too large' };
          const answers = (JSON.parse(text) as { id: number }[]).map((answer) =>
            isWhole.includes(answer.id) ? { jsonrpc: '2.0', id: answer.id, error } : answer,
          );
          return { status, text: JSON.stringify(answers) };
        },
      },
    });
    const { number } = await world.driver.head();
    let transactions = 0;
    for (let at = 0; at <= number; at++) {
      const block = await small.block(at);
      expect(block).toEqual(await world.driver.block(at));
      transactions += block!.transactions.length;
    }
    expect(transactions).toBeGreaterThan(5);
    expect(await small.block(number + 1_000)).toBeNull();
  });

  it('hands on a proof that the protocol’s own check believes, and none for a hash that nobody knows', async () => {
    const { driver, rich, poor } = world;
    const signed = driver.sign({
      intent: { kind: 'native', to: poor.address, amount: 1n },
      from: rich.address,
      nonce: await driver.finalNonce(rich.address),
      signer: rich.signer,
    });
    await driver.broadcast([signed.raw]);
    const hash = `0x${bytesToHex(signed.hash)}`;
    await expect.poll(() => driver.transactionProof(hash)).not.toBeNull();
    const proof = readTransactionProof(await driver.transactionProof(hash));
    const block = await driver.block(Number((await driver.transaction(hash))!.blockNumber));
    const sealer = (await driver.identity(driver.headerFacts(block!.header)['primary']!))!;
    const trust = { chainId: BigInt(CHAIN_ID), sealerKeyHash: fromHex0x(sealer.keyHash), transactionHash: signed.hash };
    expect(verifyTransactionProof(proof, trust)).toMatchObject({ isValid: true, blockHashHex: block!.hash });
    expect(await driver.transactionProof(`0x${'e'.repeat(64)}`)).toBeNull();
  });

  it('does not believe a node of another chain', async () => {
    const other = createSymverseDriver({ node: node.rpcUrl, chainId: CHAIN_ID + 1, crypto: nativeCrypto });
    await expect(other.head()).rejects.toThrow('Expected a node of chain 8, got one of chain 7.');
    expect(await other.broadcast([Uint8Array.of(1)])).toMatchObject([{ kind: 'unknown' }]);
  });

  it("tells the paper's Table 2 gas before data, and with data the exact fee", () => {
    const { driver } = world;
    const contract = '0xff000000000000000001';
    // 49,000 + 7,000 (transfer) + 680 for each of 16 non-zero bytes, 40 for each of 9 zeros (vectors, gas.worked).
    const fee = driver.feeOf({ kind: 'transfer', contract, to: '0x00020000000000060002', amount: 50n * 10n ** 18n });
    expect(fee).toBe(67_240n * 100n * 10n ** 9n);
    expect(driver.feeOf({ kind: 'pause', contract })).toBe(55_720n * 100n * 10n ** 9n);
  });
});

describe('the meaning of a node’s error', () => {
  const outcome = (error: unknown) => {
    const result = outcomeOfError(error);
    return result.kind === 'refused' ? result.reason : result.kind;
  };
  const refused = (reason: RpcRefusal) =>
    new RpcResponseError('sym_sendRawTransaction', refusal(reason, 'expected, got'));

  it('is known for every reason that a node can give', () => {
    const table = Object.fromEntries(
      (Object.keys(RPC_REFUSALS) as RpcRefusal[]).map((reason) => [reason, outcome(refused(reason))]),
    );
    expect(table).toEqual({
      'already-known': 'already-known',
      'nonce-too-low': 'nonce-too-low',
      'nonce-too-high': 'nonce-too-high',
      'replacement-underpriced': 'invalid',
      'insufficient-funds': 'funds-too-low',
      'gas-too-low': 'invalid',
      'gas-over-block-limit': 'invalid',
      'wrong-gas-price': 'invalid',
      'invalid-sender': 'invalid',
      'too-large': 'invalid',
      'pool-full': 'pool-full',
      'deposit-bound': 'invalid',
      malformed: 'invalid',
    });
  });

  it('is unknown for every silence and for every text that no table knows', () => {
    for (const kind of ['timeout', 'connection', 'garbage'] as const)
      expect(outcome(new RpcUnknownError(kind, 'x'))).toBe('unknown');
    const error = (code: number, message: string) => new RpcResponseError('sym_sendRawTransaction', { code, message });
    expect(outcome(error(-32000, 'database is locked'))).toBe('unknown');
    expect(outcome(error(-32603, 'internal error'))).toBe('unknown');
    expect(outcome(error(-32602, 'invalid params'))).toBe('invalid');
  });

  it('lets errors of our own program through', () => {
    expect(() => outcomeOfError(new TypeError('a bug'))).toThrow('a bug');
  });
});

describe('the registry', () => {
  const key = new Uint8Array(20).fill(9);

  it('gets a SymID for a key hash, and the same one when asked again', async () => {
    const registry = createCaRegistry({ caUrl: node.caUrl, secret: node.caSecret });
    const first = await registry.register(key);
    expect(first).toEqual({ kind: 'registered', address: expect.stringMatching(/^0x[0-9a-f]{20}$/) });
    expect(await registry.register(key)).toEqual(first);
    const { address } = first as { address: string };
    expect((await world.driver.identity(address))!.keyHash).toBe(`0x${'09'.repeat(20)}`);
  });

  it('calls a wrong secret refused', async () => {
    const registry = createCaRegistry({ caUrl: node.caUrl, secret: '0'.repeat(32) });
    expect(await registry.register(key)).toMatchObject({ kind: 'refused' });
  });

  it('calls silence, garbage and a failing authority unknown, and never shows the secret', async () => {
    const answers: (typeof fetch)[] = [
      async () => {
        throw new TypeError(`fetch failed for http://ca/caii/d1/${'a'.repeat(32)}/account/new`);
      },
      async () => new Response('not JSON', { status: 200 }),
      async () => new Response('{"message":"x","result":{"symid":"short"}}', { status: 200 }),
      async () => new Response('{}', { status: 500 }),
      async () => new Response('{}', { status: 429 }),
      async () => new Response('x'.repeat(20_000), { status: 200 }),
    ];
    for (const answer of answers) {
      const registry = createCaRegistry({ caUrl: 'http://ca', secret: 'a'.repeat(32), fetch: answer });
      const outcome = await registry.register(key);
      expect(outcome.kind).toBe('unknown');
      expect(JSON.stringify(outcome)).not.toContain('a'.repeat(32));
    }
  });
});
