/**
 * Members of a running instance by direct means: joining a thousand of them through identity checks would take an hour.
 * Their keys are real and registered with the authority, their tokens come out of the reserve; only the rows of the
 * person, the wallet and the unlocked session are written here as the server would write them.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { encodeSecretForm, SECRET_FORM_TYPE } from '@jigeum/api';
import { createCaRegistry } from '@jigeum/chain-symverse';
import { bytesToHex, randomIds, systemClock } from '@jigeum/std';
import { generatePrivateKey, keyHash } from '@jigeum/symverse';
import { nativeCrypto } from '@jigeum/symverse/native';
import type pg from 'pg';
import { readServerKey } from '../../apps/server/src/config.ts';
import { pinHmac } from '../../apps/server/src/members/tries.ts';
import { sessionIdHash, unlockKeyOf } from '../../apps/server/src/platform/cookies.ts';
import { createSecrets, type Secrets } from '../../apps/server/src/platform/secrets.ts';
import { sealForSession } from '../../apps/server/src/wallets/open-key.ts';
import type { LoadRequest } from '../load/generator.ts';

/** A member who can pay: the session is unlocked. */
export interface BenchPerson {
  readonly id: string;
  readonly walletId: string;
  readonly hasGas: boolean;
  /** 32 bytes: what the cookie carries. */
  readonly cookie: Uint8Array;
}

interface NewPerson extends BenchPerson {
  readonly memberId: string;
  readonly keyHash: Uint8Array;
  readonly address: string;
  readonly sealedKey: Uint8Array;
}

const NAME_MASKED = '김*냄';
const PIN = new TextEncoder().encode('190725');
/** EST has 18 decimals: 1 won. */
export const PAY_BASE = 10n ** 18n;
const CHARGE_WON = 100_000;
const REGISTERED_AT_ONCE = 8;
const READY_WITHIN_MS = 300_000;
const POLL_MS = 200;
const SESSION_HOURS = 12;

/**
 * Makes members with tokens. Whoever `hasGas` gets the prefund of a new wallet, as everybody does; the others have none, in
 * the ledger and on the chain, until they have paid once.
 */
export async function makePeople(
  owner: pg.Client,
  dataDir: string,
  groups: readonly { readonly count: number; readonly hasGas: boolean }[],
): Promise<BenchPerson[]> {
  const env = parseEnv(readFileSync(join(dataDir, 'server.env'), 'utf8'));
  const { SERVER_KEY_FILE, CA_URL, CA_SECRET_FILE, CHAIN_ID } = env;
  const serverKey = readServerKey(SERVER_KEY_FILE!);
  const secrets = createSecrets({ ids: randomIds }, serverKey);
  serverKey.fill(0);
  const registry = createCaRegistry({ caUrl: CA_URL!, secret: readFileSync(CA_SECRET_FILE!, 'utf8').trim() });
  const wanted = groups.flatMap(({ count, hasGas }) => Array.from({ length: count }, () => hasGas));
  const people: NewPerson[] = [];
  await Promise.all(
    Array.from({ length: REGISTERED_AT_ONCE }, async () => {
      for (let hasGas = wanted.pop(); hasGas !== undefined; hasGas = wanted.pop())
        people.push(await newPerson(registry, { number: wanted.length, hasGas }));
    }),
  );
  await insertPeople(owner, secrets, people, Number(CHAIN_ID));
  await fund(owner, people);
  return people;
}

async function newPerson(
  registry: ReturnType<typeof createCaRegistry>,
  { number, hasGas }: { readonly number: number; readonly hasGas: boolean },
): Promise<NewPerson> {
  const id = randomIds.uuid(systemClock.nowMs());
  const privateKey = generatePrivateKey(randomIds);
  const hash = keyHash(nativeCrypto.publicKey(privateKey), nativeCrypto.sha3);
  const outcome = await registry.register(hash);
  if (outcome.kind !== 'registered') throw new Error(`Expected an address of the authority, got ${outcome.kind}.`);
  const cookie = randomIds.bytes(32);
  return {
    id,
    walletId: randomIds.uuid(systemClock.nowMs()),
    hasGas,
    cookie,
    memberId: `payer${String(number).padStart(5, '0')}`,
    keyHash: hash,
    address: outcome.address,
    sealedKey: sealForSession({ ids: randomIds }, { unlockKey: unlockKeyOf(cookie), memberId: id, privateKey }),
  };
}

async function insertPeople(
  owner: pg.Client,
  secrets: Secrets,
  people: readonly NewPerson[],
  chainId: number,
): Promise<void> {
  const hmac = (person: NewPerson, what: string) =>
    Buffer.from(secrets.hmac('bench', Buffer.from(`${what} ${person.id}`)));
  await owner.query(
    `insert into members (id, member_id, name_masked, phone_hmac, phone_masked, ci_hmac, receive_code, verified_at,
       pin_hmac, created_at)
     select id, member_id, $5, phone, '010-****-0000', ci, id, now(), pin, now()
     from unnest($1::uuid[], $2::text[], $3::bytea[], $4::bytea[], $6::bytea[]) as p (id, member_id, phone, ci, pin)`,
    [
      people.map(({ id }) => id),
      people.map(({ memberId }) => memberId),
      people.map((person) => hmac(person, 'phone')),
      people.map((person) => hmac(person, 'ci')),
      NAME_MASKED,
      people.map(({ id }) => Buffer.from(pinHmac({ secrets }, id, PIN))),
    ],
  );
  await owner.query(
    `insert into wallets (id, kind, member_id, chain_id, state, key_hash, address, sealed_keystore, needs_gas, created_at,
       ready_at, next_attempt_at)
     select id, 'member', member_id, $5, 'ready', key_hash, address, '\\x00', has_gas, now(), now(), now()
     from unnest($1::uuid[], $2::uuid[], $3::bytea[], $4::text[], $6::boolean[])
       as w (id, member_id, key_hash, address, has_gas)`,
    [
      people.map(({ walletId }) => walletId),
      people.map(({ id }) => id),
      people.map((person) => Buffer.from(person.keyHash)),
      people.map(({ address }) => address),
      chainId,
      people.map(({ hasGas }) => hasGas),
    ],
  );
  await owner.query(
    `insert into sessions (id_hash, member_id, created_at, last_seen_at, expires_at, sealed_key, unlocked_until)
     select id_hash, member_id, now(), now(), now() + $4, sealed_key, now() + $4
     from unnest($1::bytea[], $2::uuid[], $3::bytea[]) as s (id_hash, member_id, sealed_key)`,
    [
      people.map(({ cookie }) => Buffer.from(sessionIdHash(cookie))),
      people.map(({ id }) => id),
      people.map(({ sealedKey }) => Buffer.from(sealedKey)),
      `${SESSION_HOURS} hours`,
    ],
  );
}

/** Charges that are paid already: the server sends their tokens out of the reserve, which takes a while. */
async function fund(owner: pg.Client, people: readonly NewPerson[]): Promise<void> {
  await owner.query(
    `insert into charges (id, member_id, wallet_id, token_id, amount_won, amount, deposit_code, state, requested_at,
       expires_at, paid_at)
     select gen_random_uuid(), p.id, p.wallet_id, t.id, $3::bigint, $3::numeric * $4::numeric, 'bench', 'paid', now(), now(), now()
     from unnest($1::uuid[], $2::uuid[]) as p (id, wallet_id), tokens t where t.symbol = 'EST'`,
    [people.map(({ id }) => id), people.map(({ walletId }) => walletId), CHARGE_WON, PAY_BASE.toString()],
  );
  const deadlineMs = systemClock.monotonicMs() + READY_WITHIN_MS;
  for (;;) {
    const { rows } = await owner.query<{ count: number }>(
      `select count(*)::int from (
         select from charges where state <> 'done'
         union all select from wallets where needs_gas
         union all select from chain_outbox where state in ('gas_wait', 'signed', 'broadcast')) waiting`,
    );
    const waiting = rows[0]!.count;
    if (waiting === 0) return;
    if (systemClock.monotonicMs() > deadlineMs)
      throw new Error(`Expected everybody to have tokens and gas, ${waiting} things are still waited for.`);
    await new Promise((resume) => setTimeout(resume, POLL_MS));
  }
}

/** A payment of 1 won from each to the next of them, to be sent with a new Idempotency-Key each time. */
export async function paymentRequests(owner: pg.Client, people: readonly BenchPerson[]): Promise<LoadRequest[]> {
  const payees = people.map((_, index) => people[(index + 1) % people.length]!);
  const ids = people.map(() => randomIds.uuid(systemClock.nowMs()));
  await owner.query(
    `insert into payees (id, payer_member_id, payee_member_id, created_at)
     select id, payer, payee, now() from unnest($1::uuid[], $2::uuid[], $3::uuid[]) as p (id, payer, payee)`,
    [ids, people.map(({ id }) => id), payees.map(({ id }) => id)],
  );
  return people.map((person, index) => ({
    path: '/v1/transfers',
    headers: {
      'content-type': SECRET_FORM_TYPE,
      'x-requested-with': 'jigeum',
      cookie: `jigeum=${bytesToHex(person.cookie)}`,
    },
    body: encodeSecretForm(
      { payeeId: ids[index], maskedName: NAME_MASKED, token: 'EST', amount: PAY_BASE.toString(), memo: '' },
      [PIN],
    ),
  }));
}
