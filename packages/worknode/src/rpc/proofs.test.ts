import { toHex0x } from '@jigeum/std';
import { CITIZEN_ACTIVE, readTransactionProof, verifyTransactionProof, type TransactionProof } from '@jigeum/symverse';
import { nativeCrypto } from '@jigeum/symverse/native';
import { encodeRpcResult } from '@jigeum/symverse/rpc';
import { describe, expect, test } from 'vitest';
import { createWorld, hashOf, type TestWorld } from '../testing.ts';
import { rpcHandlers } from './methods.ts';

/** A block with so many transfers of alice, and the hash of the one in the middle. */
async function blockOf(world: TestWorld, count: number): Promise<`0x${string}`> {
  const { bob } = world.people;
  let middle: `0x${string}` = '0x';
  for (let index = 0; index < count; index++) {
    const signed = world.sign('alice', { to: bob.symId, value: BigInt(index) });
    await world.submit(signed);
    if (index === count >> 1) middle = signed.hashHex;
  }
  world.node.seal();
  return middle;
}

async function proven(count: number) {
  const world = createWorld();
  const hashHex = await blockOf(world, count);
  const proof = await rpcHandlers(world.node).jigeum_getTransactionProof(hashHex);
  if (proof === null) throw new Error('Expected a proof.');
  const transactionHash = world.storage.block(1)!.transactions[count >> 1]!.hash;
  const trust = { chainId: world.genesis.chainId, sealerKeyHash: hashOf(world.keys.sealer), transactionHash };
  return {
    world,
    proof,
    trust,
    verify: (given: TransactionProof) => verifyTransactionProof(given, trust, nativeCrypto),
  };
}

/** The proof with one bit of one of its byte strings changed, for every byte of every byte string. */
function* flips(proof: TransactionProof): Generator<{ where: string; changed: TransactionProof }> {
  const flip = (bytes: Uint8Array, at: number): Uint8Array => bytes.with(at, bytes[at]! ^ (1 << (at % 8)));
  for (const name of ['header', 'sign', 'sealerKeyHash', 'transaction', 'receipt'] as const) {
    for (let at = 0; at < proof[name].length; at++)
      yield { where: `${name}[${at}]`, changed: { ...proof, [name]: flip(proof[name], at) } };
  }
  for (const name of ['transactionProof', 'receiptProof'] as const) {
    for (const [index, node] of proof[name].entries()) {
      for (let at = 0; at < node.length; at++)
        yield {
          where: `${name}[${index}][${at}]`,
          changed: { ...proof, [name]: proof[name].with(index, flip(node, at)) },
        };
    }
  }
}

describe('jigeum_getTransactionProof', () => {
  test('proves a transaction, its receipt and its signer to somebody who knows the sealer', async () => {
    const { world, proof, trust } = await proven(20);
    const json = JSON.parse(JSON.stringify(encodeRpcResult('jigeum_getTransactionProof', proof))) as unknown;
    // As in a browser: without the native library.
    const result = verifyTransactionProof(readTransactionProof(json), trust);
    expect(result.checks.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual([
      'chain passed',
      'transaction passed',
      'signature passed',
      'header passed',
      'seal passed',
      'transaction-inclusion passed',
      'receipt-inclusion passed',
    ]);
    expect(result.isValid).toBe(true);
    expect(result.transaction?.value).toBe(10n);
    expect(result.receipt?.status).toBe(1);
    expect(result.header?.number).toBe(1n);
    expect(result.blockHashHex).toBe(toHex0x(world.storage.block(1)!.hash));
    // The key hash that the citizen chain has for the sender: what the proof itself cannot show.
    const citizen = world.node.chain.state.get('citizen', world.people.alice.symId)!;
    expect(citizen.status).toBe(CITIZEN_ACTIVE);
    expect(result.signerKeyHash).toEqual(citizen.keyHash);
  });

  test.each([1, 2, 200])('holds for a block of %d', async (count) => {
    const { proof, verify } = await proven(count);
    expect(verify(proof).checks.filter(({ outcome }) => outcome !== 'passed')).toEqual([]);
  });

  test('with any one byte changed is refused', async () => {
    const { proof, verify } = await proven(200);
    let count = 0;
    for (const { where, changed } of flips(proof)) {
      expect(verify(changed).isValid, where).toBe(false);
      count++;
    }
    expect(count).toBeGreaterThan(2000);
    const others: TransactionProof[] = [
      { ...proof, chainId: proof.chainId + 1n },
      { ...proof, transactionIndex: proof.transactionIndex + 1n },
      { ...proof, sealer: proof.sealer.replace('2', '3') as TransactionProof['sealer'] },
    ];
    for (const changed of others) expect(verify(changed).isValid).toBe(false);
  });

  test('names the check that failed, skips what hangs on it, and goes on with the rest', async () => {
    const { proof, verify } = await proven(3);
    const outcomes = (given: TransactionProof) => verify(given).checks.map(({ name, outcome }) => `${name} ${outcome}`);
    expect(outcomes({ ...proof, sign: proof.sign.with(3, proof.sign[3]! ^ 1) })).toEqual([
      'chain passed',
      'transaction passed',
      'signature passed',
      'header passed',
      'seal failed',
      'transaction-inclusion skipped',
      'receipt-inclusion skipped',
    ]);
    const receipt = proof.receipt.with(1, 0x80);
    const result = verify({ ...proof, receipt });
    expect(result.checks.at(-1)).toEqual({
      name: 'receipt-inclusion',
      outcome: 'failed',
      detail: `Expected the trie to hold what the proof claims, got ${receipt.length} other bytes.`,
    });
    expect(result.isValid).toBe(false);
  });

  test('of another transaction, chain or sealer than the one asked for is refused', async () => {
    const { proof, trust } = await proven(3);
    const failed = (given: Partial<typeof trust>) =>
      verifyTransactionProof(proof, { ...trust, ...given }, nativeCrypto)
        .checks.filter(({ outcome }) => outcome === 'failed')
        .map(({ name }) => name);
    expect(failed({ transactionHash: new Uint8Array(32) })).toEqual(['transaction']);
    expect(failed({ chainId: 1n })).toEqual(['chain']);
    expect(failed({ sealerKeyHash: new Uint8Array(20) })).toEqual(['seal']);
  });

  test('is null for a transaction that is in no block', async () => {
    const world = createWorld();
    const waiting = world.sign('alice', { to: world.people.bob.symId, value: 1n });
    await world.submit(waiting);
    expect(await rpcHandlers(world.node).jigeum_getTransactionProof(waiting.hashHex)).toBeNull();
  });
});
