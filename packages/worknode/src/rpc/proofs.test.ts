import { seededIds, toHex0x } from '@jigeum/std';
import {
  CITIZEN_ACTIVE,
  encodeSct20,
  encodeSct21,
  encodeSct22,
  encodeSct30,
  encodeSct40,
  parseSymId,
  readBalanceProof,
  readCitizenProof,
  readContractAccountProof,
  readContractProof,
  readTransactionProof,
  verifyBalanceProof,
  verifyCitizenProof,
  verifyContractAccountProof,
  verifyContractProof,
  verifyTransactionProof,
  type BalanceProof,
  type CitizenProof,
  type ContractAccountProof,
  type ContractProof,
  type TransactionProof,
} from '@jigeum/symverse';
import { nativeCrypto } from '@jigeum/symverse/native';
import { encodeRpcResult } from '@jigeum/symverse/rpc';
import { describe, expect, test } from 'vitest';
import { createAuthority } from '../ca/authority.ts';
import { sceneOf, STRANGER } from '../sct/testing.ts';
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

/** The proof with one bit of one of its byte strings changed, for every byte of the given fields and of the nodes of the given lists. */
function* flips<P extends object>(
  proof: P,
  fields: readonly (keyof P & string)[],
  lists: readonly (keyof P & string)[],
): Generator<{ where: string; changed: P }> {
  const flip = (bytes: Uint8Array, at: number): Uint8Array => bytes.with(at, bytes[at]! ^ (1 << (at % 8)));
  for (const name of fields) {
    const bytes = proof[name] as Uint8Array;
    for (let at = 0; at < bytes.length; at++)
      yield { where: `${name}[${at}]`, changed: { ...proof, [name]: flip(bytes, at) } };
  }
  for (const name of lists) {
    const nodes = proof[name] as readonly Uint8Array[];
    for (const [index, node] of nodes.entries()) {
      for (let at = 0; at < node.length; at++)
        yield {
          where: `${name}[${index}][${at}]`,
          changed: { ...proof, [name]: nodes.with(index, flip(node, at)) },
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
    for (const { where, changed } of flips(
      proof,
      ['header', 'sign', 'sealerKeyHash', 'transaction', 'receipt'],
      ['transactionProof', 'receiptProof'],
    )) {
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

describe('the proofs of what a SymID has', () => {
  async function tokenWorld() {
    const world = createWorld();
    const contract = await world.createToken();
    const transfer = { method: 'transfer', to: world.people.bob.symId, amount: 40n } as const;
    await world.run(world.signCall('alice', contract, transfer));
    const trust = { chainId: world.genesis.chainId, sealerKeyHash: hashOf(world.keys.sealer) };
    return { world, contract, trust, rpc: rpcHandlers(world.node) };
  }

  test('show the coins of a SymID under the newest block, to whoever knows the sealer', async () => {
    const { world, trust, rpc } = await tokenWorld();
    const { symId } = world.people.alice;
    const json = encodeRpcResult('jigeum_getBalanceProof', await rpc.jigeum_getBalanceProof(symId));
    const result = verifyBalanceProof(readBalanceProof(JSON.parse(JSON.stringify(json))), { ...trust, symId });
    expect(result.checks.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual([
      'chain passed',
      'header passed',
      'seal passed',
      'state-inclusion passed',
    ]);
    expect(result.account).toEqual({
      balance: await rpc.sym_getBalance(symId, 'latest'),
      nonce: 2n,
      deposit: 0n,
    });
    expect(result.header?.number).toBe(2n);
  });

  test('show that a SymID has nothing', async () => {
    const { trust, rpc, contract } = await tokenWorld();
    const symId = parseSymId('0x00020000000000090002');
    const balance = await rpc.jigeum_getBalanceProof(symId);
    expect(balance.account).toBeNull();
    expect(verifyBalanceProof(balance, { ...trust, symId }, nativeCrypto)).toMatchObject({
      isValid: true,
      account: { balance: 0n, nonce: 0n, deposit: 0n },
    });
    const holding = await rpc.jigeum_getContractAccountProof(contract, symId);
    expect(holding.holding).toBeNull();
    expect(verifyContractAccountProof(holding, { ...trust, contract, symId }, nativeCrypto)).toMatchObject({
      isValid: true,
      amount: 0n,
    });
  });

  test('show what a SymID holds of a contract', async () => {
    const { world, trust, rpc, contract } = await tokenWorld();
    const { symId } = world.people.bob;
    const given = await rpc.jigeum_getContractAccountProof(contract, symId);
    const json: unknown = JSON.parse(JSON.stringify(encodeRpcResult('jigeum_getContractAccountProof', given)));
    const result = verifyContractAccountProof(readContractAccountProof(json), { ...trust, contract, symId });
    expect(result.isValid).toBe(true);
    expect(result.amount).toBe(40n);
  });

  test('show what a contract is, and what has become of it', async () => {
    const { world, trust, rpc, contract } = await tokenWorld();
    const { alice, bob } = world.people;
    await world.run(world.signCall('alice', contract, { method: 'pause' }));
    const given = await rpc.jigeum_getContractProof(contract);
    const json: unknown = JSON.parse(JSON.stringify(encodeRpcResult('jigeum_getContractProof', given)));
    const result = verifyContractProof(readContractProof(json), { ...trust, contract });
    expect(result.checks.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual([
      'chain passed',
      'header passed',
      'seal passed',
      'state-inclusion passed',
    ]);
    const facts = { template: 'sct20', creator: alice.symId, owner: alice.symId, total: 1000n, isPaused: true };
    expect(result.contract).toEqual({ ...facts, name: 'eSportsToken', symbol: 'EST' });

    const holds = (proof: ContractProof) => verifyContractProof(proof, { ...trust, contract }, nativeCrypto).isValid;
    expect(holds(given)).toBe(true);
    for (const { where, changed } of flips(given, ['header', 'sign', 'sealerKeyHash', 'row'], ['proof']))
      expect(holds(changed), where).toBe(false);
    expect(holds({ ...given, row: null })).toBe(false);
    expect(holds({ ...given, contract: bob.symId })).toBe(false);
    expect(holds({ ...(await rpc.jigeum_getContractProof(bob.symId)), contract })).toBe(false);
  });

  test('show a contract of every template', async () => {
    const world = createWorld();
    const creations = {
      sct20: encodeSct20({ method: 'create', name: 'One', symbol: 'ONE', amount: 5n, owner: world.people.bob.symId }),
      sct21: encodeSct21({
        ...{ method: 'create', name: 'Locked', symbol: 'LCK', amount: 1000n, lockAmount: 300n },
        owner: world.people.bob.symId,
      }),
      sct22: encodeSct22({ method: 'create', name: 'Two', symbol: 'TWO', amount: 5n, owner: world.people.bob.symId }),
      sct30: encodeSct30({ method: 'create', name: '애완', symbol: 'PET', owner: world.people.bob.symId }),
      sct40: encodeSct40({ method: 'create', name: 'Tea', symbol: 'TEA', cpoint: 100n, owner: world.people.bob.symId }),
    };
    for (const [template, input] of Object.entries(creations)) {
      const { contract } = await sceneOf(
        () => input,
        () => undefined,
        world,
      );
      const proof = await rpcHandlers(world.node).jigeum_getContractProof(contract);
      const trust = { chainId: world.genesis.chainId, sealerKeyHash: hashOf(world.keys.sealer), contract };
      const proven = verifyContractProof(proof, trust, nativeCrypto);
      expect(proven.isValid).toBe(true);
      expect(proven.contract?.template).toBe(template);
      expect(proven.contract).toEqual(world.node.chain.state.get('contract', contract));
    }
  });

  test('show that there is no such contract', async () => {
    const { trust, rpc } = await tokenWorld();
    const proof = await rpc.jigeum_getContractProof(STRANGER);
    expect(proof.row).toBeNull();
    const result = verifyContractProof(proof, { ...trust, contract: STRANGER }, nativeCrypto);
    expect(result).toMatchObject({ isValid: true, contract: null });
  });

  test('are refused with any one byte changed, for another SymID or contract, and with the row left out', async () => {
    const { world, trust, rpc, contract } = await tokenWorld();
    const { symId } = world.people.bob;
    const holding = await rpc.jigeum_getContractAccountProof(contract, symId);
    const balance = await rpc.jigeum_getBalanceProof(symId);
    const holds = (given: ContractAccountProof) =>
      verifyContractAccountProof(given, { ...trust, contract, symId }, nativeCrypto).isValid;
    const has = (given: BalanceProof) => verifyBalanceProof(given, { ...trust, symId }, nativeCrypto).isValid;
    expect([holds(holding), has(balance)]).toEqual([true, true]);
    for (const { where, changed } of flips(holding, ['header', 'sign', 'sealerKeyHash', 'holding'], ['proof']))
      expect(holds(changed), where).toBe(false);
    for (const { where, changed } of flips(balance, ['header', 'sign', 'sealerKeyHash', 'account'], ['proof']))
      expect(has(changed), where).toBe(false);
    const other = world.people.carol.symId;
    expect(holds({ ...holding, symId: other })).toBe(false);
    expect(holds({ ...holding, contract: other })).toBe(false);
    expect(holds({ ...holding, holding: null })).toBe(false);
    expect(has({ ...balance, symId: other })).toBe(false);
    expect(has({ ...balance, account: null })).toBe(false);
    expect(has(await rpc.jigeum_getBalanceProof(other))).toBe(false);
  });

  test('show the key of a SymID in the citizen block that the newest block names', async () => {
    const { world, trust, rpc } = await tokenWorld();
    const { symId, privateKey } = world.people.bob;
    const proof = await rpc.jigeum_getCitizenProof(symId);
    const json: unknown = JSON.parse(JSON.stringify(encodeRpcResult('jigeum_getCitizenProof', proof)));
    const result = verifyCitizenProof(readCitizenProof(json), { ...trust, symId });
    expect(result.checks.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual([
      'chain passed',
      'header passed',
      'seal passed',
      'citizen-block passed',
      'state-inclusion passed',
    ]);
    expect(result.citizen).toMatchObject({ keyHash: hashOf(privateKey), status: CITIZEN_ACTIVE });
    expect(result.citizen).toEqual(world.node.chain.state.get('citizen', symId));

    const holds = (given: CitizenProof) => verifyCitizenProof(given, { ...trust, symId }, nativeCrypto).isValid;
    for (const { where, changed } of flips(proof, ['header', 'sign', 'citizenHeader', 'citizen'], ['proof']))
      expect(holds(changed), where).toBe(false);
    expect(holds({ ...proof, citizen: null })).toBe(false);
    expect(holds({ ...proof, symId: world.people.carol.symId })).toBe(false);
  });

  test('show that no CA has issued a SymID', async () => {
    const { trust, rpc } = await tokenWorld();
    const symId = parseSymId('0x00020000000000090002');
    const proof = await rpc.jigeum_getCitizenProof(symId);
    expect(verifyCitizenProof(proof, { ...trust, symId }, nativeCrypto)).toMatchObject({
      isValid: true,
      citizen: null,
    });
  });

  test('of a record that no block names yet are refused until the next block', async () => {
    const { world, trust, rpc } = await tokenWorld();
    const authority = createAuthority(
      { clock: world.clock, ids: seededIds('new'), crypto: nativeCrypto, node: world.node },
      world.keys.ca,
    );
    const { symId } = authority.issue(new Uint8Array(20).fill(9));
    expect(() => rpc.jigeum_getCitizenProof(symId)).toThrow(
      /citizen block 1 is not sealed: .* ask again after the next/,
    );
    world.node.seal();
    const proof = await rpc.jigeum_getCitizenProof(symId);
    const { citizen } = verifyCitizenProof(proof, { ...trust, symId }, nativeCrypto);
    expect(citizen?.keyHash).toEqual(new Uint8Array(20).fill(9));
  });

  test('of the genesis block have no seal and say so', async () => {
    const world = createWorld();
    const { symId } = world.people.alice;
    const proof = await rpcHandlers(world.node).jigeum_getBalanceProof(symId);
    const trust = { chainId: world.genesis.chainId, sealerKeyHash: hashOf(world.keys.sealer), symId };
    const { checks, isValid } = verifyBalanceProof(proof, trust);
    expect(isValid).toBe(false);
    expect(checks.find(({ outcome }) => outcome === 'failed')?.detail).toMatch(/the genesis block is not sealed/);
  });
});
