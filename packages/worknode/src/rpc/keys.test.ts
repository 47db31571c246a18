import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bytesToHex, concatBytes, seededIds } from '@jigeum/std';
import { decodeTransaction, HUG_PER_SYM, keyHash, signatureFromBytes } from '@jigeum/symverse';
import { nativeCrypto } from '@jigeum/symverse/native';
import { keyFolder, keyMemory, type KeyFiles } from '../keys/key-files.ts';
import { createKeyring } from '../keys/keyring.ts';
import { createWorld, hashOf, type TestWorld } from '../testing.ts';
import { rpcHandlersWithKeys } from './methods.ts';
import { serve, type TestRpc } from './testing.ts';

/** The cheapest cost that a keystore may have: tests open some forty of them. */
const COST = { n: 4096, r: 8, p: 1 };

let world: TestWorld;
let rpc: TestRpc;
beforeEach(async () => {
  world = createWorld();
  rpc = await serveWith(keyMemory());
});
afterEach(async () => {
  await rpc.server.stop();
  expect(rpc.reported).toEqual([]);
});
const serveWith = (files: KeyFiles): Promise<TestRpc> => {
  const keyring = createKeyring({ files, timers: world.timers, ids: seededIds('keyring') }, COST);
  // On a clock that stands all calls of a batch begin in one turn, however slow the machine is.
  return serve(rpcHandlersWithKeys(world.node, { keyring, clock: world.clock }), { deps: { clock: world.clock } });
};
const error = (message: RegExp, code = -32000) => ({ error: { code, message: expect.stringMatching(message) } });
const aliceKey = (): string => bytesToHex(world.people.alice.privateKey);
const importAlice = async (passphrase = 'correct horse'): Promise<string> => {
  const { alice } = world.people;
  expect(await rpc.call('personal_importRawKey', aliceKey(), passphrase)).toMatchObject({ result: alice.symId });
  return alice.symId;
};
const receiptOf = async (answer: unknown) => {
  world.node.seal();
  const { result } = answer as { result: string };
  return (await rpc.call('sym_getTransactionReceipt', result)) as { result: Record<string, unknown> };
};

describe('keys in the node', () => {
  it('are imported for the SymID to which the CA has bound them, listed, and never twice', async () => {
    expect(await rpc.call('sym_accounts')).toMatchObject({ result: [] });
    const alice = await importAlice();
    expect(await rpc.call('sym_accounts')).toMatchObject({ result: [alice] });
    expect(await rpc.call('personal_listAccounts')).toMatchObject({ result: [alice] });
    expect(await rpc.call('personal_importRawKey', aliceKey(), 'another')).toMatchObject(
      error(/^account already exists/),
    );
    expect(await rpc.call('personal_importRawKey', '07'.repeat(32), 'x')).toMatchObject(
      error(/^unknown key: expected one/),
    );
    const noKey = await rpc.call('personal_importRawKey', 'f'.repeat(64), 'x');
    expect(noKey).toMatchObject(error(/^invalid private key/));
    expect(JSON.stringify(noKey)).not.toContain('ffff');
    expect(await rpc.call('personal_importRawKey', aliceKey(), '')).toMatchObject(error(/^empty password/));
  });

  it('sign while they are unlocked, for as long as was said', async () => {
    const alice = await importAlice();
    const { bob } = world.people;
    const send = () => rpc.call('sym_sendTransaction', { from: alice, to: bob.symId, value: '0x1' });
    expect(await send()).toMatchObject(error(/^authentication needed: password or unlock/));
    expect(await rpc.call('personal_unlockAccount', alice, 'wrong')).toMatchObject(
      error(/^could not decrypt key with given password/),
    );
    expect(await rpc.call('personal_unlockAccount', alice, 'correct horse', 30)).toMatchObject({ result: true });
    expect((await receiptOf(await send())).result).toMatchObject({ status: '0x1', gasUsed: '0xbf68' });
    world.timers.advance(29_999);
    expect(await send()).toMatchObject({ result: expect.any(String) });
    world.timers.advance(1);
    expect(await send()).toMatchObject(error(/^authentication needed/));

    expect(await rpc.call('personal_unlockAccount', alice, 'correct horse')).toMatchObject({ result: true });
    expect(await rpc.call('personal_lockAccount', alice)).toMatchObject({ result: true });
    expect(await send()).toMatchObject(error(/^authentication needed/));
    expect(await rpc.call('personal_unlockAccount', alice, 'correct horse', 0)).toMatchObject({ result: true });
    world.timers.advance(86_400_000);
    expect(await send()).toMatchObject(error(/^authentication needed/));
    expect(await rpc.call('personal_unlockAccount', alice, 'correct horse', 86_401)).toMatchObject(
      error(/^unlock duration too long: expected at most 86400 s, got 86401/),
    );
    expect(await rpc.call('personal_unlockAccount', bob.symId, 'x')).toMatchObject(error(/^unknown account/));
  });

  it('sign one transaction with a passphrase and stay locked', async () => {
    const alice = await importAlice();
    const request = { from: alice, to: world.people.bob.symId, value: '0x5' };
    expect(await rpc.call('personal_sendTransaction', request, 'wrong')).toMatchObject(error(/^could not decrypt/));
    expect(
      (await receiptOf(await rpc.call('personal_sendTransaction', request, 'correct horse'))).result,
    ).toMatchObject({
      status: '0x1',
    });
    expect(await rpc.call('sym_sendTransaction', request)).toMatchObject(error(/^authentication needed/));
  });

  it('are not tried for a minute after five wrong passphrases in a row', async () => {
    const alice = await importAlice();
    for (let tries = 0; tries < 5; tries++)
      expect(await rpc.call('personal_unlockAccount', alice, `wrong ${tries}`)).toMatchObject(
        error(/^could not decrypt/),
      );
    expect(await rpc.call('personal_unlockAccount', alice, 'correct horse')).toMatchObject(
      error(/^too many wrong passwords/),
    );
    world.timers.advance(60_000);
    expect(await rpc.call('personal_unlockAccount', alice, 'correct horse')).toMatchObject({ result: true });
  });

  it('are tried one after the other, and not too many at once', async () => {
    const alice = await importAlice();
    // One batch: all twelve ask before the first derivation can have ended.
    const tries = Array.from({ length: 12 }, (_, id) => ({
      ...{ jsonrpc: '2.0', id, method: 'personal_unlockAccount', params: [alice, 'correct horse'] },
    }));
    const busy = error(/^busy: 8 passphrases are being tried/);
    expect((await rpc.post(JSON.stringify(tries))).answer).toMatchObject(
      tries.map(({ id }) => (id < 8 ? { id, result: true } : { id, ...busy })),
    );
  });

  it('are made for a SymID that the CA binds later', async () => {
    const symId = '0x00020000000000aa0002';
    expect(await rpc.call('personal_newAccount', symId, 'p')).toMatchObject({ result: symId });
    expect(await rpc.call('personal_unlockAccount', symId, 'p')).toMatchObject({ result: true });
    expect(await rpc.call('sym_sendTransaction', { from: symId, to: world.people.bob.symId })).toMatchObject(
      error(/^invalid sender: expected a SymID that a CA has issued/),
    );
  });
});

describe('what is signed', () => {
  it('gets nonce, gas, price and work node from the node, also many at once and for contracts', async () => {
    const alice = await importAlice();
    await rpc.call('personal_unlockAccount', alice, 'correct horse');
    const to = world.people.bob.symId;
    const sent = await Promise.all([1, 2, 3].map(() => rpc.call('sym_sendTransaction', { from: alice, to })));
    const hashes = sent.map((answer) => (answer as { result: string }).result);
    expect(new Set(hashes).size).toBe(3);
    const create = '0xe51480e28853796d546f6b656e8353544b89056bc75e2d631000008a' + alice.slice(2);
    const created = await rpc.call('sym_sendTransaction', { from: alice, type: '0x1', data: create });
    expect((await receiptOf(created)).result).toMatchObject({
      status: '0x1',
      contractAddress: expect.stringMatching(/^0xff/),
    });
    const block = world.node.chain.storage.block(1)!;
    const transactions = block.transactions.map(({ raw }) => decodeTransaction(raw));
    expect(transactions.map(({ nonce }) => nonce)).toEqual([0n, 1n, 2n, 3n]);
    expect(transactions[0]).toMatchObject({ gas: 49_000n, workNodes: [world.genesis.sealer.symId], value: 0n });
    expect(transactions[3]!.gas).toBeGreaterThan(8_049_000n);
    expect(await rpc.call('sym_sendTransaction', { from: alice, to, nonce: '0x0', value: '0x9' })).toMatchObject(
      error(/^nonce too low/),
    );
    expect(await rpc.call('sym_sendTransaction', { from: alice, to, nonce: '0x0' })).toMatchObject(
      error(/^already known: 0x/),
    );
    expect(await rpc.call('sym_sendTransaction', { from: alice, to, gas: '0x1' })).toMatchObject(
      error(/^intrinsic gas too low/),
    );
    expect(await rpc.call('sym_sendTransaction', { from: alice, to, type: '0x9' })).toMatchObject(
      error(/Expected 0, 1 or 2, got 9/, -32602),
    );
  });

  it('sets a deposit and takes it back', async () => {
    const alice = await importAlice();
    await rpc.call('personal_unlockAccount', alice, 'correct horse');
    const value = `0x${HUG_PER_SYM.toString(16)}`;
    expect((await receiptOf(await rpc.call('sym_setDeposit', alice, value))).result).toMatchObject({ status: '0x1' });
    expect(await rpc.call('sym_getDeposit', alice)).toMatchObject({ result: { account: alice, deposit: value } });
    expect((await receiptOf(await rpc.call('sym_restoreDeposit', alice))).result).toMatchObject({ status: '0x1' });
    expect(await rpc.call('sym_getDeposit', alice)).toMatchObject({ result: { deposit: '0x0' } });
  });

  it('is a message with its prefix and length, so that no transaction can be smuggled in', async () => {
    const alice = await importAlice();
    expect(await rpc.call('sym_sign', alice, '0xdeadbeaf')).toMatchObject(error(/^authentication needed/));
    await rpc.call('personal_unlockAccount', alice, 'correct horse');
    const { result } = (await rpc.call('sym_sign', alice, '0xdeadbeaf')) as { result: string };
    const signature = Buffer.from(result.slice(2), 'hex');
    expect(signature.length).toBe(65);
    const signed = nativeCrypto.sha3(
      concatBytes(Buffer.from('\x19Symverse Signed Message:\n4'), Buffer.from('deadbeaf', 'hex')),
    );
    const v = signature[64]! - 27 === 1 ? 1 : 0;
    expect([27, 28]).toContain(signature[64]);
    const signer = nativeCrypto.recover(signed, signatureFromBytes(signature.subarray(0, 64), v));
    expect(keyHash(signer)).toEqual(hashOf(world.people.alice.privateKey));
  });

  it('is a citizen’s record, when the CA’s own key is unlocked', async () => {
    const ca = world.genesis.ca.symId;
    const citizen = { from: ca, symId: '0x00020000000000bb0002', aKeyPubH: `0x${'05'.repeat(20)}`, credit: '0xf' };
    expect(await rpc.call('citizen_sendCitizen', citizen)).toMatchObject(error(/^unknown account/));
    await rpc.call('personal_importRawKey', bytesToHex(world.keys.ca), 'ca');
    await rpc.call('personal_unlockAccount', ca, 'ca');
    const { result } = (await rpc.call('citizen_sendCitizen', citizen)) as { result: string };
    expect(await rpc.call('citizen_getCitizenByHash', result)).toMatchObject({
      result: { symId: citizen.symId, status: '0x1', role: '0x1', credit: '0xf', from: ca, nonce: '0x0' },
    });
    expect(await rpc.call('citizen_sendCitizen', { ...citizen, nonce: '0x0' })).toMatchObject(error(/^invalid nonce/));
  });
});

describe('key files', () => {
  it('hold the key encrypted, for their owner alone, and open after a restart', async () => {
    const path = mkdtempSync(join(tmpdir(), 'jigeum-keys-'));
    const folder = () =>
      keyFolder(join(path, 'keystore'), (file, content) => writeFileSync(file, content, { mode: 0o600 }));
    try {
      await rpc.server.stop();
      rpc = await serveWith(folder());
      const alice = await importAlice();
      const [name] = readdirSync(join(path, 'keystore'));
      expect(name).toBe(`${alice.slice(2)}.json`);
      const file = join(path, 'keystore', name!);
      expect(readFileSync(file, 'utf8')).not.toContain(aliceKey());
      expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ version: 3, address: alice.slice(2) });
      expect(statSync(file).mode & 0o777).toBe(0o600);

      await rpc.server.stop();
      rpc = await serveWith(folder());
      expect(await rpc.call('sym_accounts')).toMatchObject({ result: [alice] });
      expect(await rpc.call('personal_unlockAccount', alice, 'correct horse')).toMatchObject({ result: true });

      // A file under another name would sign for somebody else.
      const { bob } = world.people;
      writeFileSync(join(path, 'keystore', `${bob.symId.slice(2)}.json`), readFileSync(file));
      expect(await rpc.call('personal_unlockAccount', bob.symId, 'correct horse')).toMatchObject(
        error(/names another address inside/),
      );
    } finally {
      rmSync(path, { recursive: true });
    }
  });
});
