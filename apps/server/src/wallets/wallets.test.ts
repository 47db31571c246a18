import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KeyRegistry, KeyRegistryOutcome } from '@jigeum/chain';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Deps } from '#deps';
import { AppError, inTrx } from '#platform';
import { createTestDeps, type TestDatabase } from '#testing';
import { balancesOf } from './balances.ts';
import { draftWallet } from './create-wallet.ts';
import { createKdfGate } from './kdf-gate.ts';
import { checkKeystoreFiles } from './keystore-files.ts';
import { keyHashOf, signerOf } from './keys.ts';
import { openMemberKey, sealForSession, withSessionSigner } from './open-key.ts';
import { registerWalletsJob } from './register-job.ts';
import { insertPlatformWallet, platformWallet } from './store.ts';

let deps: Deps & { database: TestDatabase; clock: { advance(ms: number): void }; woken: string[] };
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jigeum-wallets-'));
  const base = await createTestDeps({ config: { keystoreDir: folder } });
  deps = {
    ...base,
    chain: { chainId: 7 } as never,
    keyRegistry: undefined as never,
    identityAgency: undefined as never,
    bank: undefined as never,
  };
});
afterAll(async () => {
  await deps.database.drop();
  await rm(folder, { recursive: true, force: true });
});

const secret = (text: string) => new TextEncoder().encode(text);
const never = new AbortController().signal;

let count = 0;
async function newMember(passphrase = 'correct horse') {
  const memberId = deps.ids.uuid(deps.clock.nowMs());
  const at = new Date(deps.clock.nowMs());
  const unique = `member${++count}`;
  await sql`
    insert into members (id, member_id, name_masked, phone_hmac, phone_masked, ci_hmac, receive_code, verified_at, pin_hmac, created_at)
    values (${memberId}, ${unique}, '홍*동', ${Buffer.from(`p${unique}`)}, '010-****-0000', ${Buffer.from(`c${unique}`)},
            ${deps.ids.uuid(0)}, ${at}, ${Buffer.alloc(32)}, ${at})
  `.execute(deps.db);
  const draft = await draftWallet(deps, { passphrase: secret(passphrase) });
  await inTrx(deps, (trx) => draft.insert(trx, { memberId }));
  return { memberId, draft };
}

const fileOf = (walletId: string) => join(folder, walletId.slice(-2), `${walletId}.keystore`);

describe('custody', () => {
  it('opens with the passphrase and with no other, by the keystore alone', async () => {
    const { memberId, draft } = await newMember('correct horse');
    const opened = await openMemberKey(deps, { memberId, passphrase: secret('correct horse') });
    expect(opened).toEqual({ kind: 'opened', privateKey: draft.privateKey });
    for (const wrong of ['Correct horse', 'correct horse ', ''])
      expect(await openMemberKey(deps, { memberId, passphrase: secret(wrong) })).toEqual({ kind: 'wrong-passphrase' });
  });

  it('answers for an ID that nobody has as for a wrong passphrase', async () => {
    expect(await openMemberKey(deps, { memberId: null, passphrase: secret('correct horse') })).toEqual({
      kind: 'wrong-passphrase',
    });
  });

  it('stores the same sealed bytes in row and file, and no keystore in the clear', async () => {
    const { draft } = await newMember();
    const { rows } = await sql<{ sealed_keystore: Buffer }>`
      select sealed_keystore from wallets where id = ${draft.walletId}
    `.execute(deps.db);
    const file = await readFile(fileOf(draft.walletId));
    expect(rows[0]!.sealed_keystore.equals(file)).toBe(true);
    expect(file.includes('crypto')).toBe(false);
    expect(file.includes(Buffer.from(draft.privateKey))).toBe(false);
  });

  it('does not open the keystore of one wallet in the row of another', async () => {
    const one = await newMember('same passphrase');
    const other = await newMember('same passphrase');
    await sql`
      update wallets set sealed_keystore = ${Buffer.from(one.draft.sealedKeystore)} where id = ${other.draft.walletId}
    `.execute(deps.db);
    await expect(
      openMemberKey(deps, { memberId: other.memberId, passphrase: secret('same passphrase') }),
    ).rejects.toMatchObject({ name: 'SealBrokenError' });
    await sql`
      update wallets set sealed_keystore = ${Buffer.from(other.draft.sealedKeystore)} where id = ${other.draft.walletId}
    `.execute(deps.db);
  });

  it('reports a file that differs, one that is missing and one without a wallet', async () => {
    expect(await checkKeystoreFiles(deps)).toMatchObject({ missing: [], different: [], orphanCount: 0 });
    const changed = await newMember();
    const lost = await newMember();
    const orphan = await draftWallet(deps, { passphrase: secret('x') });
    await expect(inTrx(deps, (trx) => orphan.insert(trx, { memberId: changed.memberId }))).rejects.toMatchObject({
      code: '23505',
    });
    const bytes = await readFile(fileOf(changed.draft.walletId));
    bytes[20]! ^= 1;
    await writeFile(fileOf(changed.draft.walletId), bytes);
    await rm(fileOf(lost.draft.walletId));
    const report = await checkKeystoreFiles(deps);
    expect(report).toMatchObject({
      missing: [lost.draft.walletId],
      different: [changed.draft.walletId],
      orphanCount: 1,
    });
    await writeFile(fileOf(changed.draft.walletId), changed.draft.sealedKeystore);
    await writeFile(fileOf(lost.draft.walletId), lost.draft.sealedKeystore);
    await rm(fileOf(orphan.walletId));
  });
});

describe('the platform’s own wallets', () => {
  const insert = (chainId: number, kind: 'treasury' | 'reserve', keyHash: Uint8Array) =>
    insertPlatformWallet(deps.db, {
      id: deps.ids.uuid(deps.clock.nowMs()),
      kind,
      chainId,
      keyHash,
      address: `0x${chainId.toString(16).padStart(20, '0')}`,
      sealedKeystore: Buffer.from('sealed'),
      nextNonce: 0,
      gasAvailable: 0n,
      at: new Date(deps.clock.nowMs()),
    });

  it('get one row where several servers make their first start at once', async () => {
    for (let chainId = 1_000; chainId < 1_040; chainId++) {
      const keyHash = Buffer.alloc(20, `key ${chainId} `);
      const wrote = await Promise.all(Array.from({ length: 8 }, () => insert(chainId, 'treasury', keyHash)));
      expect(wrote.filter(Boolean)).toHaveLength(1);
      expect((await platformWallet(deps.db, { chainId, kind: 'treasury' }))?.key_hash).toEqual(keyHash);
    }
  });

  it('are not written where another wallet has the key', async () => {
    const keyHash = Buffer.alloc(20, 'the treasury’s');
    expect(await insert(2_000, 'treasury', keyHash)).toBe(true);
    expect(await insert(2_000, 'reserve', keyHash)).toBe(false);
    expect(await platformWallet(deps.db, { chainId: 2_000, kind: 'reserve' })).toBeUndefined();
  });
});

describe('an unlock session', () => {
  it('signs with the cookie’s key, and clears the private key when the work has ended', async () => {
    const { memberId, draft } = await newMember();
    const unlockKey = new Uint8Array(32).fill(5);
    const sealedKey = sealForSession(deps, { unlockKey, memberId, privateKey: draft.privateKey });
    const digest = new Uint8Array(32).fill(9);
    const expected = signerOf(draft.privateKey).sign(digest);
    let kept: { sign(digest: Uint8Array): unknown } | undefined;
    const signed = await withSessionSigner({ unlockKey, memberId, sealedKey }, async (signer) => {
      kept = signer;
      return signer.sign(digest);
    });
    expect(signed).toEqual(expected);
    expect(() => kept!.sign(digest)).toThrow(/private key/);
  });

  it('is locked for another cookie, another member and changed bytes', async () => {
    const { memberId, draft } = await newMember();
    const unlockKey = new Uint8Array(32).fill(5);
    const sealedKey = sealForSession(deps, { unlockKey, memberId, privateKey: draft.privateKey });
    const changed = Uint8Array.from(sealedKey);
    changed[30]! ^= 1;
    const wrong = [
      { unlockKey: new Uint8Array(32).fill(6), memberId, sealedKey },
      { unlockKey, memberId: deps.ids.uuid(0), sealedKey },
      { unlockKey, memberId, sealedKey: changed },
    ];
    for (const input of wrong)
      await expect(withSessionSigner(input, async () => 'signed')).rejects.toMatchObject({ code: 'wallet-locked' });
  });
});

describe('key derivation', () => {
  it('runs two at once, lets a bounded line wait and turns the rest away', async () => {
    const gate = createKdfGate({ runningMax: 2, waitingMax: 3 });
    let running = 0;
    let most = 0;
    const finish: (() => void)[] = [];
    const work = () =>
      gate.run(async () => {
        most = Math.max(most, ++running);
        await new Promise<void>((resume) => finish.push(resume));
        running--;
        return 'done';
      });
    const accepted = Array.from({ length: 5 }, work);
    await expect(work()).rejects.toBeInstanceOf(AppError);
    for (let done = 0; done < 5;) {
      const next = finish.shift();
      if (next !== undefined) {
        next();
        done++;
      }
      await new Promise((resume) => setImmediate(resume));
    }
    expect(await Promise.all(accepted)).toEqual(Array.from({ length: 5 }, () => 'done'));
    expect(most).toBe(2);
  });
});

describe('registration', () => {
  it('asks again with the same key hash until the authority answers, and sends only the hash', async () => {
    await sql`update wallets set next_attempt_at = 'infinity'`.execute(deps.db);
    const { memberId, draft } = await newMember();
    const asked: string[] = [];
    const answers: KeyRegistryOutcome[] = [
      { kind: 'unknown', cause: 'timeout' },
      { kind: 'refused', text: 'not today' },
      { kind: 'registered', address: '0x00020000000000770002' },
    ];
    const keyRegistry: KeyRegistry = {
      async register(keyHash) {
        asked.push(Buffer.from(keyHash).toString('hex'));
        return answers.shift()!;
      },
    };
    const job = registerWalletsJob({ ...deps, keyRegistry });
    for (let round = 0; round < 5; round++) {
      await job.run(never);
      deps.clock.advance(30_000);
    }
    const hash = Buffer.from(keyHashOf(draft.privateKey)).toString('hex');
    expect(asked).toEqual([hash, hash, hash]);
    const { rows } = await sql`select state, address, needs_gas from wallets where id = ${draft.walletId}`.execute(
      deps.db,
    );
    expect(rows).toEqual([{ state: 'ready', address: '0x00020000000000770002', needs_gas: true }]);
    const events = await sql`select kind from event_outbox where member_id = ${memberId}`.execute(deps.db);
    expect(events.rows).toEqual([{ kind: 'me' }]);
    expect(deps.woken).toContain('refill-gas');
  });
});

describe('balances', () => {
  it('are zero in each token of the platform for a member who never had any', async () => {
    const { memberId } = await newMember();
    await sql`
      insert into tokens (id, symbol, name, decimals, won_per_token, chain_id, state, contract, created_at)
      values (${deps.ids.uuid(0)}, 'EST', 'eSportsToken', 18, 1, 7, 'active', '0xff000000000000000001', now())
    `.execute(deps.db);
    expect(await balancesOf(deps, { memberId })).toEqual({
      balances: [
        {
          token: { symbol: 'EST', name: 'eSportsToken', decimals: 18, wonPerToken: '1', isPaused: false },
          available: 0n,
          held: 0n,
          incoming: 0n,
        },
      ],
      asOfBlock: 0,
    });
  });
});
