import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bytesToHex, hexToBytes, seededIds, type Ids } from '@jigeum/std';
import {
  isCanonicalSignature,
  recoverCitizenSigner,
  decodeCitizen,
  signCitizen,
  signTransaction,
  type UnsignedCitizen,
} from '@jigeum/symverse';
import { nativeCrypto } from '@jigeum/symverse/native';
import type { RunningService } from '../rpc/http-json.ts';
import { CHAIN_ID, createWorld, hashOf, type TestWorld } from '../testing.ts';
import { createAuthority, type Authority } from './authority.ts';
import { startCaServer } from './server.ts';

const SECRET = '0123456789abcdef0123456789abcdef';
const newKeyHash = (seed: number): Uint8Array => new Uint8Array(20).fill(seed);

let world: TestWorld;
let authority: Authority;
let server: RunningService;
beforeAll(async () => {
  world = createWorld();
  authority = authorityOf(world, seededIds('ca'));
  server = await startCaServer(authority, { host: '127.0.0.1', port: 0, secret: SECRET, report: () => undefined });
});
afterAll(() => server.stop());

const authorityOf = (of: TestWorld, ids: Pick<Ids, 'bytes'>): Authority =>
  createAuthority({ clock: of.clock, ids, crypto: nativeCrypto, node: of.node }, of.keys.ca);
const ask = async (
  path: string,
  method = 'POST',
): Promise<[number, { message: string; result: { symid: string; txhash: string } | null }]> => {
  const response = await fetch(`${server.url}${path}`, { method });
  return [response.status, (await response.json()) as never];
};
const pathOf = (keyHash: string, secret = SECRET): string => `/caii/d1/${secret}/account/new/${keyHash}`;

describe('the CA', () => {
  it('gives a SymID to a key hash, in effect at once and without a main block', async () => {
    const privateKey = hexToBytes('07'.repeat(32));
    const [status, { message, result }] = await ask(pathOf(bytesToHex(hashOf(privateKey))));
    expect([status, message]).toEqual([200, 'AccountReturn']);
    expect(result?.symid).toMatch(/^0x0002[0-9a-f]{12}0002$/);
    const entry = world.node.chain.state.get('citizen', result!.symid);
    expect(entry).toMatchObject({
      ca: world.genesis.ca.symId,
      keyHash: hashOf(privateKey),
      status: 1n,
      vFlag: 2n,
      role: 1n,
    });

    const record = decodeCitizen(world.storage.citizen(hexToBytes(result!.txhash.slice(2)))!.row.raw);
    expect(isCanonicalSignature(record)).toBe(true);
    expect(recoverCitizenSigner(record, CHAIN_ID)).toEqual(hashOf(world.keys.ca));

    // Coins can be sent to it, and by it, in the next block.
    await world.run(world.sign('alice', { to: record.symId, value: 10n ** 18n }));
    const back = world.sign('alice', { to: world.people.bob.symId, value: 1n });
    const { v: _v, r: _r, s: _s, ...fields } = back.transaction;
    const signed = signTransaction({ ...fields, from: record.symId, nonce: 0n }, CHAIN_ID, privateKey);
    expect(await world.submit(signed)).toMatchObject({ kind: 'accepted' });
    world.node.seal();
  });

  it('gives the same SymID and record for the same key hash again, with and without 0x, also after a restart', async () => {
    const first = await ask(pathOf('aa'.repeat(20)));
    expect(await ask(pathOf(`0x${'AA'.repeat(20)}`))).toEqual(first);
    const count = world.node.chain.citizenHead().number;
    const again = authorityOf(world.reopen(), seededIds('another'));
    expect(again.issue(newKeyHash(0xaa))).toEqual({
      symId: first[1].result!.symid,
      recordHash: first[1].result!.txhash,
      isNew: false,
    });
    expect(world.node.chain.citizenHead().number).toBe(count);
  });

  it('refuses a wrong secret before anything else, and what is no key hash', async () => {
    for (const secret of ['0'.repeat(32), 'x', `${SECRET}0`, SECRET.toUpperCase()]) {
      expect((await ask(pathOf('no hash', secret)))[0]).toBe(401);
    }
    const refusals = await Promise.all(
      ['', '12', 'g'.repeat(40), `0x${'1'.repeat(39)}`, '1'.repeat(42)].map((hash) => ask(pathOf(hash))),
    );
    expect(refusals.map(([status]) => status)).toEqual([400, 400, 400, 400, 400]);
    expect(refusals[0]![1]).toEqual({ message: expect.stringContaining('This CA makes no keys'), result: null });
    expect((await ask(`/caii/d1/${SECRET}/account/new`))[0]).toBe(400);
    expect((await ask(pathOf('aa'.repeat(20)), 'GET'))[0]).toBe(405);
    expect((await ask('/caii/d1'))[0]).toBe(404);
  });

  it('draws again when a random part is reserved or taken, and stops at a broken source', () => {
    const fresh = createWorld();
    const draws = [
      '000000000000',
      '000000000001',
      bytesToHex(hexToBytes(fresh.people.alice.symId.slice(6, 18))),
      '000000000002',
    ];
    const issued = authorityOf(fresh, { bytes: () => hexToBytes(draws.shift()!) }).issue(newKeyHash(1));
    expect(issued.symId).toBe('0x00020000000000020002');
    expect(() => authorityOf(fresh, { bytes: (length) => new Uint8Array(length) }).issue(newKeyHash(2))).toThrow(
      /random source is broken/,
    );
  });
});

describe('the citizen chain', () => {
  const record = (of: TestWorld, fields: Partial<UnsignedCitizen> = {}): UnsignedCitizen => ({
    from: of.genesis.ca.symId,
    to: of.genesis.ca.symId,
    nonce: 0n,
    symId: of.people.alice.symId,
    aKeyPubH: newKeyHash(5),
    vFlag: 0n,
    country: 0n,
    status: 1n,
    credit: 0n,
    role: 1n,
    refCode: 0n,
    writeTime: 1n,
    extra: new Uint8Array(0),
    ...fields,
  });
  const send = (of: TestWorld, fields: Partial<UnsignedCitizen>, key = of.keys.ca, chainId = CHAIN_ID) =>
    of.node.submitCitizen(signCitizen(record(of, fields), chainId, key).raw);

  it('lets the CA give a SymID another key: the old key signs no more', async () => {
    const fresh = createWorld();
    const old = fresh.sign('alice', { to: fresh.people.bob.symId });
    expect(send(fresh, {})).toMatchObject({ kind: 'recorded' });
    expect(await fresh.submit(old)).toMatchObject({ kind: 'refused', reason: 'invalid-sender' });
    expect(fresh.node.chain.symIdOfKey(hashOf(fresh.people.alice.privateKey))).toBeUndefined();
    expect(fresh.node.chain.symIdOfKey(newKeyHash(5))).toBe(fresh.people.alice.symId);
    expect(fresh.reopen().node.chain.citizenHead()).toEqual(fresh.node.chain.citizenHead());
  });

  it('lets the CA lock a SymID: it sends no more', async () => {
    const fresh = createWorld();
    send(fresh, { aKeyPubH: hashOf(fresh.people.alice.privateKey), status: 3n });
    expect(await fresh.submit(fresh.sign('alice', { to: fresh.people.bob.symId }))).toMatchObject({
      reason: 'invalid-sender',
      detail: expect.stringContaining('its status is 3'),
    });
  });

  it('refuses a record that is not signed by its CA, comes twice, or takes what is another’s', () => {
    const fresh = createWorld();
    const refused = (text: RegExp) => ({ kind: 'refused', text: expect.stringMatching(text) });
    expect(send(fresh, {}, fresh.keys.sealer)).toEqual(refused(/^invalid sender: expected the signature/));
    expect(send(fresh, {}, fresh.keys.ca, 1n)).toEqual(refused(/^invalid sender: expected the signature/));
    expect(send(fresh, { from: fresh.people.bob.symId }, fresh.people.bob.privateKey)).toEqual(
      refused(/expected an active CA/),
    );
    expect(send(fresh, { nonce: 1n })).toEqual(refused(/expected 0 as the next nonce/));
    expect(send(fresh, { symId: `0x0003${'0'.repeat(15)}1` as never })).toEqual(refused(/the CA id of/));
    expect(send(fresh, { aKeyPubH: hashOf(fresh.people.bob.privateKey) })).toEqual(
      refused(/^already existed pub_key_hash/),
    );
    expect(fresh.node.submitCitizen(new Uint8Array(3))).toEqual(refused(/^malformed citizen/));
    expect(send(fresh, {})).toMatchObject({ kind: 'recorded' });
    expect(send(fresh, {})).toEqual(refused(/expected 1 as the next nonce/));
  });
});
