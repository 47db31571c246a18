import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bytesToHex, hexToBytes, seededIds, type Ids } from '@jigeum/std';
import {
  isCanonicalSignature,
  recoverCitizenSigner,
  decodeCitizen,
  encodeCitizen,
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
): Promise<
  [number, { message: string; result: (Record<string, unknown> & { symid: string; txhash: string }) | null }]
> => {
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

describe('what a partner may change', () => {
  const keyOf = (seed: number): string => bytesToHex(newKeyHash(seed));
  const route = (symId: string, words: string): string => `/caii/d1/${SECRET}/account/${symId}${words}`;
  const issue = async (seed: number): Promise<string> => (await ask(pathOf(keyOf(seed))))[1].result!.symid;
  const stateOf = async (symId: string) => (await ask(route(symId, ''), 'GET'))[1].result;

  it('locks, marks, unlocks, and takes the phone bit away, each once however often it is asked', async () => {
    const symId = await issue(20);
    const start = world.node.chain.citizenHead().number;
    const first = await stateOf(symId);
    expect(first).toEqual({
      symid: symId,
      txhash: expect.stringMatching(/^0x[0-9a-f]{64}$/),
      public_key_hash: keyOf(20),
      state: 'ACTIVE',
      phone_verified: true,
    });
    for (const [words, state, verified] of [
      ['/lock', 'LOCKED', true],
      ['/mark', 'MARKED', true],
      ['/unlock', 'ACTIVE', true],
      ['/phone/unverified', 'ACTIVE', false],
      ['/phone/verified', 'ACTIVE', true],
    ] as const) {
      const [status, answer] = await ask(route(symId, words));
      expect([status, answer.message]).toEqual([200, 'AccountReturn']);
      expect(await ask(route(symId, words))).toEqual([status, answer]);
      expect(await stateOf(symId)).toMatchObject({ state, phone_verified: verified, txhash: answer.result!.txhash });
    }
    expect(world.node.chain.citizenHead().number).toBe(start + 5);
    expect(await ask(route(symId, '/unlock'))).toMatchObject([200, { result: { symid: symId } }]);
  });

  it('never changes what is revoked, and gives its key to nobody', async () => {
    const symId = await issue(21);
    expect((await ask(route(symId, '/revoke')))[0]).toBe(200);
    expect((await ask(route(symId, '/revoke')))[0]).toBe(200);
    for (const words of ['/unlock', '/lock', '/phone/unverified', `/key/${keyOf(22)}`, `/new/${keyOf(22)}`])
      expect(await ask(route(symId, words))).toEqual([
        400,
        { message: expect.stringMatching(/^revoked: /), result: null },
      ]);
    expect(await ask(pathOf(keyOf(21)))).toEqual([
      400,
      { message: `already existed pub_key_hash: ${keyOf(21)} belongs to ${symId}, which is revoked`, result: null },
    ]);
  });

  it('gives one citizen more accounts, numbered on, each with a key of its own', async () => {
    const symId = await issue(30);
    const further = await Promise.all([31, 32].map((seed) => ask(route(symId, `/new/${keyOf(seed)}`))));
    // Whichever of the two comes first.
    expect(further.map(([, { result }]) => result!.symid).toSorted()).toEqual([
      `${symId.slice(0, -4)}0003`,
      `${symId.slice(0, -4)}0004`,
    ]);
    expect(await ask(route(symId, `/new/${keyOf(31)}`))).toEqual(further[0]);
    const stranger = await issue(33);
    for (const [of, seed] of [
      [stranger, 31],
      [symId, 30],
      [symId, 33],
    ] as const) {
      expect(await ask(route(of, `/new/${keyOf(seed)}`))).toEqual([
        400,
        { message: expect.stringMatching(/^already existed pub_key_hash: /), result: null },
      ]);
    }
  });

  it('gives a SymID another key, which nobody else has', async () => {
    const symId = await issue(40);
    await issue(41);
    const [status, { result }] = await ask(route(symId, `/key/${keyOf(42)}`));
    expect(status).toBe(200);
    expect(await ask(route(symId, `/key/0x${keyOf(42)}`))).toEqual([200, { message: 'AccountReturn', result }]);
    expect(await stateOf(symId)).toMatchObject({ public_key_hash: keyOf(42), state: 'ACTIVE', phone_verified: true });
    expect(await ask(route(symId, `/key/${keyOf(41)}`))).toMatchObject([400, { result: null }]);
    // The key that was given up is free again.
    expect((await ask(pathOf(keyOf(40))))[1].result!.symid).not.toBe(symId);
  });

  it('refuses a wrong secret first, then strangers, the CA itself, and words it does not know', async () => {
    const symId = await issue(50);
    const wrong = `/caii/d1/${'0'.repeat(32)}/account/${symId}/lock`;
    expect(await ask(wrong)).toEqual([401, { message: expect.stringMatching(/secret/), result: null }]);
    expect(await ask(route('0x00020000000000ff0002', '/lock'))).toEqual([
      400,
      { message: 'unknown symid: expected one of this CA, got 0x00020000000000ff0002', result: null },
    ]);
    expect((await ask(route(world.genesis.ca.symId, '/lock')))[1].message).toMatch(/^not an account/);
    expect((await ask(route('0x12', '/lock')))[0]).toBe(400);
    expect((await ask(route(symId, '/key')))[0]).toBe(400);
    for (const words of ['/freeze', '/lock/now', '/phone/maybe', '/constructor'])
      expect((await ask(route(symId, words)))[0]).toBe(404);
    expect((await ask(route(symId, '/lock'), 'GET'))[0]).toBe(405);
    expect((await ask(route(symId, '')))[0]).toBe(405);
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
  const nonceOf = (of: TestWorld): bigint => of.node.chain.state.get('authority', of.genesis.ca.symId) ?? 0n;

  it('lets the CA give a SymID another key: the old key signs no more', async () => {
    const fresh = createWorld();
    const old = fresh.sign('alice', { to: fresh.people.bob.symId });
    expect(send(fresh, {})).toMatchObject({ kind: 'recorded' });
    expect(await fresh.submit(old)).toMatchObject({ kind: 'refused', reason: 'invalid-sender' });
    expect(fresh.node.chain.symIdOfKey(hashOf(fresh.people.alice.privateKey))).toBeUndefined();
    expect(fresh.node.chain.symIdOfKey(newKeyHash(5))).toBe(fresh.people.alice.symId);
    expect(fresh.reopen().node.chain.citizenHead()).toEqual(fresh.node.chain.citizenHead());
  });

  it('refuses what is locked or revoked, and takes what is marked', async () => {
    const fresh = createWorld();
    const submitAs = async (status: bigint) => {
      expect(
        send(fresh, { nonce: nonceOf(fresh), aKeyPubH: hashOf(fresh.people.alice.privateKey), status }),
      ).toMatchObject({
        kind: 'recorded',
      });
      return fresh.submit(fresh.sign('alice', { to: fresh.people.bob.symId }));
    };
    const refused = (text: string) => ({
      kind: 'refused',
      reason: 'invalid-sender',
      detail: expect.stringContaining(text),
    });
    expect(await submitAs(2n)).toEqual(refused('its status is 2 (locked by its CA)'));
    expect(await submitAs(4n)).toEqual(refused('its status is 4 (revoked by its CA)'));
    expect(await submitAs(3n)).toMatchObject({ kind: 'accepted' });
  });

  it('drops what waits when its sender is locked, also what was just answered, and not what others sent', async () => {
    const fresh = createWorld();
    const { alice, bob } = fresh.people;
    const waiting = [0n, 1n, 3n].map((nonce) => fresh.sign('alice', { to: bob.symId, nonce }));
    for (const signed of waiting) expect(await fresh.submit(signed)).toMatchObject({ kind: 'accepted' });
    const others = fresh.sign('bob', { to: alice.symId });
    await fresh.submit(others);
    send(fresh, { aKeyPubH: hashOf(alice.privateKey), status: 2n });
    expect(fresh.node.pool.counts()).toEqual({ executable: 1, queued: 0 });
    expect(fresh.storage.journal().map(({ hash }) => hash)).toEqual([others.hash]);
    expect(fresh.events.filter(({ kind }) => kind === 'dropped')).toEqual(
      waiting.map(({ hashHex }) => ({ kind: 'dropped', hashHex, why: 'its sender may not pay any more' })),
    );
    const { transactions } = fresh.node.seal();
    expect(transactions.map(({ hash }) => hash)).toEqual([others.hash]);

    // Unlocked, it sends again, with the nonce that the chain has.
    send(fresh, { nonce: 1n, aKeyPubH: hashOf(alice.privateKey), status: 1n });
    expect(await fresh.submit(waiting[0]!)).toMatchObject({ kind: 'accepted' });
  });

  it('drops what waits with the old key when the SymID gets another, and keeps it when only its mark changes', async () => {
    const fresh = createWorld();
    const { alice, bob } = fresh.people;
    const signed = fresh.sign('alice', { to: bob.symId });
    await fresh.submit(signed);
    send(fresh, { aKeyPubH: hashOf(alice.privateKey), status: 3n });
    expect(fresh.node.pool.get(signed.hashHex)).toBeDefined();
    send(fresh, { nonce: 1n });
    expect(fresh.node.pool.get(signed.hashHex)).toBeUndefined();
    expect(fresh.storage.journal()).toEqual([]);
    expect(fresh.events.at(-1)).toEqual({
      kind: 'dropped',
      hashHex: signed.hashHex,
      why: 'its sender has another key now',
    });
    expect(fresh.reopen().node.pool.counts()).toEqual({ executable: 0, queued: 0 });
  });

  it('drops at the next start what waited when the node died between the record and the journal', async () => {
    const fresh = createWorld();
    const signed = fresh.sign('alice', { to: fresh.people.bob.symId });
    await fresh.submit(signed);
    const rows = [...fresh.storage.journal()];
    send(fresh, { aKeyPubH: hashOf(fresh.people.alice.privateKey), status: 2n });
    fresh.storage.journalAdd(rows);
    const again = fresh.reopen();
    expect(again.node.pool.counts()).toEqual({ executable: 0, queued: 0 });
    expect(again.events).toMatchObject([{ kind: 'dropped', why: expect.stringContaining('2 (locked by its CA)') }]);
  });

  it('admits nothing whose sender was locked while its signature was being checked', async () => {
    const fresh = createWorld();
    const submitted = fresh.submit(fresh.sign('alice', { to: fresh.people.bob.symId }));
    send(fresh, { aKeyPubH: hashOf(fresh.people.alice.privateKey), status: 2n });
    expect(await submitted).toMatchObject({ kind: 'refused', reason: 'invalid-sender' });
    expect(fresh.node.pool.counts()).toEqual({ executable: 0, queued: 0 });
  });

  it('refuses a record that is not signed by its CA, comes twice, or takes what is another’s', () => {
    const fresh = createWorld();
    const refused = (text: RegExp) => ({ kind: 'refused', text: expect.stringMatching(text) });
    expect(send(fresh, {}, fresh.keys.sealer)).toEqual(refused(/^invalid sender: expected the signature/));
    expect(send(fresh, {}, fresh.keys.ca, 1n)).toEqual(refused(/^invalid sender: expected the signature/));
    expect(send(fresh, { from: fresh.people.bob.symId }, fresh.people.bob.privateKey)).toEqual(
      refused(/the one CA of this chain, got 0x[0-9a-f]{20}; records of other CAs are not taken/),
    );
    expect(send(fresh, { nonce: 1n })).toEqual(refused(/expected 0 as the next nonce/));
    expect(send(fresh, { symId: `0x0003${'0'.repeat(15)}1` as never })).toEqual(refused(/the CA id of/));
    expect(send(fresh, { aKeyPubH: hashOf(fresh.people.bob.privateKey) })).toEqual(
      refused(/^already existed pub_key_hash/),
    );
    expect(send(fresh, { symId: fresh.genesis.ca.symId })).toEqual(refused(/stands in the genesis and never changes/));
    expect(send(fresh, { role: 0xf0f1n })).toEqual(refused(/expected 1 \(general\), got 61681/));
    expect(send(fresh, { status: 5n })).toEqual(refused(/expected 1 active, 2 locked, 3 marked or 4 revoked, got 5/));
    expect(fresh.node.submitCitizen(new Uint8Array(3))).toEqual(refused(/^malformed citizen/));
    // r is no x coordinate of the curve.
    const { citizen } = signCitizen(record(fresh, {}), CHAIN_ID, fresh.keys.ca);
    expect(fresh.node.submitCitizen(encodeCitizen({ ...citizen, r: 5n }))).toEqual(refused(/belongs to no key/));
    expect(send(fresh, {})).toMatchObject({ kind: 'recorded' });
    expect(send(fresh, {})).toEqual(refused(/expected 1 as the next nonce/));
  });
});
