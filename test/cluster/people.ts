/**
 * People without the ways of the front door: rows as the server writes them, a SymID of the genesis, a session that is
 * unlocked. Made with the server's own functions, so that what the server expects of a row is there.
 */
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { ChainDriver } from '@jigeum/chain';
import { createSymverseDriver } from '@jigeum/chain-symverse';
import { systemClock, type Ids } from '@jigeum/std';
import type { SymId } from '@jigeum/symverse';
import { nativeCrypto } from '@jigeum/symverse/native';
import { addMember, sessions } from '../../apps/server/src/members/index.ts';
import { inTrx, openDb } from '../../apps/server/src/platform/db.ts';
import { sessionIdHash, unlockKeyOf } from '../../apps/server/src/platform/cookies.ts';
import { createSecrets, type Secrets } from '../../apps/server/src/platform/secrets.ts';
import { testConfig } from '../../apps/server/src/platform/testing.ts';
import { draftWallet, sealForSession } from '../../apps/server/src/wallets/index.ts';
import { CHAIN_ID, newAddress, type ClusterFolder, type FirstCitizen } from './folder.ts';
import { until } from './until.ts';

export interface Person {
  readonly index: number;
  /** `members.id`. */
  readonly id: string;
  readonly memberId: string;
  readonly maskedName: string;
  readonly walletId: string;
  readonly address: SymId;
  /** 32 bytes; the cluster's own, to sign beside the server. */
  readonly privateKey: Uint8Array;
  readonly passphrase: string;
  /** Six digits. */
  readonly pin: string;
  /** The value of the header `cookie`: a session that is logged in and unlocked. */
  readonly cookie: string;
}

/** A person whose wallet is drafted: what the genesis needs. */
export interface DraftPerson extends FirstCitizen {
  /** Writes member, wallet and session. `url`: any role that may. */
  save(db: ReturnType<typeof openDb>['db']): Promise<Person>;
}

export type GasOfPeople =
  /** From the treasury in advance and after payments, as members get it. */
  | 'granted'
  /** More than any test spends, of their own: for loads that a day's budget of grants would stop. */
  | 'own';

/** 10^18 hug are one SYM; a payment costs about a hundredth. */
const OWN_HUG = 100_000n * 10n ** 18n;
const HOUR_MS = 3_600_000;

/** Draws keys and keystores at the paper's cost. */
export async function draftPeople(
  folder: ClusterFolder,
  ids: Ids,
  options: { count: number; gas: GasOfPeople },
): Promise<DraftPerson[]> {
  const deps = {
    ids,
    clock: systemClock,
    secrets: createSecrets({ ids }, folder.serverKey),
    config: { ...testConfig(), keystoreDir: folder.file('keystores'), keystoreScryptN: 4096, unlockIdleMinutes: 60 },
    // Only its number is read here; it connects to nothing.
    chain: createSymverseDriver({ node: 'http://127.0.0.1:1', chainId: CHAIN_ID, crypto: nativeCrypto }),
  };
  return await Promise.all(Array.from({ length: options.count }, (_, index) => draftPerson(deps, index, options.gas)));
}

interface DraftDeps {
  ids: Ids;
  clock: typeof systemClock;
  secrets: Secrets;
  config: ReturnType<typeof testConfig>;
  chain: ChainDriver;
}

async function draftPerson(deps: DraftDeps, index: number, gas: GasOfPeople): Promise<DraftPerson> {
  const number = String(index).padStart(4, '0');
  const passphrase = `a passphrase of person ${number}`;
  const draft = await draftWallet(deps, { passphrase: new TextEncoder().encode(passphrase) });
  const address = newAddress(deps.ids);
  const hug = gas === 'own' ? OWN_HUG : 0n;
  return {
    address,
    keyHash: draft.keyHash,
    hug,
    async save(db) {
      const now = new Date(deps.clock.nowMs());
      const person = {
        index,
        id: deps.ids.uuid(now.getTime()),
        memberId: `person${number}`,
        maskedName: '김*람',
        walletId: draft.walletId,
        address,
        privateKey: draft.privateKey,
        passphrase,
        pin: String(704_152 + index),
      };
      await inTrx({ ...deps, db }, async (trx) => {
        await addMember(deps, trx, {
          id: person.id,
          memberId: person.memberId,
          nameMasked: person.maskedName,
          phoneHmac: deps.secrets.hmac('test phone', Buffer.from(number)),
          phoneMasked: '010-****-0000',
          ciHmac: deps.secrets.hmac('test ci', Buffer.from(number)),
          receiveCode: randomUUID(),
          verifiedAt: now,
          pin: new TextEncoder().encode(person.pin),
        });
        await draft.insert(trx, { memberId: person.id });
        await trx
          .updateTable('wallets')
          .set({ state: 'ready', address, ready_at: now, needs_gas: gas === 'granted', gas_available: hug })
          .where('id', '=', draft.walletId)
          .execute();
      });
      const secret = deps.ids.bytes(32);
      const unlockKey = unlockKeyOf(secret);
      await sessions.create(
        { ...deps, db },
        {
          memberId: person.id,
          idHash: sessionIdHash(secret),
          sealedKey: sealForSession(deps, { unlockKey, memberId: person.id, privateKey: draft.privateKey }),
        },
      );
      return { ...person, cookie: `jigeum=${Buffer.from(secret).toString('hex')}` };
    },
  };
}

/** Writes everybody. */
export async function savePeople(drafts: readonly DraftPerson[], ownerUrl: string): Promise<Person[]> {
  const { db, close } = openDb({ url: ownerUrl, connectionsMax: 4, applicationName: 'jigeum cluster' });
  try {
    return await Promise.all(drafts.map((draft) => draft.save(db)));
  } finally {
    await close();
  }
}

/**
 * Gives everybody so many won in tokens out of the reserve: a charge with its deposit each, as if the bank had told of it.
 * Resolves when all has ended and everybody's gas is there.
 */
export async function fundPeople(owner: pg.Pool, people: readonly Person[], won: bigint): Promise<void> {
  const token = await until('the token', async () => {
    const { rows } = await owner.query<{ id: string; decimals: number }>(
      "select id, decimals from tokens where state = 'active'",
    );
    return rows[0];
  });
  if (won > 0n && people.length > 0) {
    const nowMs = systemClock.nowMs();
    const amount = won * 10n ** BigInt(token.decimals);
    for (const person of people) {
      const chargeId = randomUUID();
      await owner.query(
        `insert into charges (id, member_id, wallet_id, token_id, amount_won, amount, deposit_code, state, requested_at, expires_at, paid_at)
         values ($1, $2, $3, $4, $5, $6, $7, 'paid', $8, $9, $8)`,
        [
          chargeId,
          person.id,
          person.walletId,
          token.id,
          won,
          amount,
          chargeId,
          new Date(nowMs),
          new Date(nowMs + HOUR_MS),
        ],
      );
      await owner.query(
        `insert into bank_notices (id, provider, bank_ref, account_number, depositor_name, amount_won, deposited_at, received_at, charge_id)
         values ($1, 'simulator', $2, '110-000-000001', $2, $3, $4, $4, $5)`,
        [randomUUID(), `deposit of ${chargeId}`, won, new Date(nowMs), chargeId],
      );
    }
    await owner.query("select pg_notify('jigeum_wake', 'pay-charges')");
  }
  await until('everybody to have tokens and gas', async () => {
    const { rows } = await owner.query(
      `select from charges where state = 'paid'
       union all select from chain_outbox where state in ('gas_wait', 'signed', 'broadcast')
       union all select from wallets where needs_gas limit 1`,
    );
    return rows.length === 0 || undefined;
  });
}
