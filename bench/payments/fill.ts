/** Fills an instance with past payments by SQL: rows as the server leaves them behind when a payment is final. */
import type pg from 'pg';
import type { BenchPerson } from './people.ts';

/** Payments of one statement, about. */
const PART = 50_000;
/** Of the first filled payment: far above those that are used. */
const NONCE_FIRST = 1_000_000_000;

/**
 * Adds final payments of the last hundred days between `people` until there are `past` or a few more in all. Everybody pays
 * the next equally often, so balances stay the sums of their postings. Ids grow with time, as those of real payments do. All
 * lie in the chain's first block, because the reconciler asks what came after a block. The audit log is left out: its rows
 * are chained under a key, and no payment looks at older ones.
 */
export async function fillPast(
  owner: pg.Client,
  { past, people }: { readonly past: number; readonly people: readonly BenchPerson[] },
): Promise<void> {
  const count = async (where: string): Promise<number> => {
    const { rows } = await owner.query<{ count: number }>(`select count(*)::int as count from ${where}`);
    return rows[0]!.count;
  };
  let filled = await count(`chain_outbox where nonce >= ${NONCE_FIRST}`);
  const wanted = filled + past - (await count('transfers'));
  await owner.query(`set synchronous_commit = off`);
  // The rows are consistent by construction; checking each would take longer than writing it.
  await owner.query(`set session_replication_role = replica`);
  await owner.query('create temporary table filling_people (n int primary key, wallet uuid, member uuid)');
  await owner.query(
    `insert into filling_people select n - 1, wallet, member
     from unnest($1::uuid[], $2::uuid[]) with ordinality as p (wallet, member, n)`,
    [people.map(({ walletId }) => walletId), people.map(({ id }) => id)],
  );
  while (filled < wanted) {
    const rounds = Math.ceil(Math.min(PART, wanted - filled) / people.length);
    await addPayments(owner, { from: filled, count: rounds * people.length, people: people.length });
    filled += rounds * people.length;
  }
  await owner.query('drop table filling_people');
  await owner.query(`set session_replication_role = origin`);
  await owner.query(`set synchronous_commit = on`);
  await owner.query(
    'vacuum (analyze) transfers, chain_outbox, journal_entries, journal_postings, event_outbox, idempotency_keys',
  );
  await owner.query('checkpoint');
}

async function addPayments(
  owner: pg.Client,
  { from, count, people }: { readonly from: number; readonly count: number; readonly people: number },
): Promise<void> {
  await owner.query(
    `create temporary table filling as
     select uuidv7(ago) as id, uuidv7(ago) as outbox_id, uuidv7(ago) as entry_id, i,
       payer.wallet as payer, payee.wallet as payee, payer.member as payer_member, payee.member as payee_member,
       t.id as token, now() + ago as at
     from generate_series($1::bigint, $1::bigint + $2 - 1) as i
     cross join lateral (select make_interval(secs => (i - 100 * 86400)::float8) as ago) when_
     join filling_people payer on payer.n = i % $3
     join filling_people payee on payee.n = (i + 1) % $3
     cross join (select id from tokens where symbol = 'EST') t`,
    [from, count, people],
  );
  await owner.query(
    `insert into transfers (id, kind, payer_wallet_id, payee_wallet_id, token_id, amount, state, requested_at, final_at)
     select id, 'payment', payer, payee, token, 1000000000000000000, 'final', at, at + interval '1 second' from filling`,
  );
  await owner.query(
    `insert into chain_outbox (id, purpose, source_id, wallet_id, nonce, raw, hash, fee_max, state, attempts,
       next_attempt_at, block_number, block_hash, fee, created_at, final_at)
     select outbox_id, 'transfer', id, payer, ${NONCE_FIRST} + i, decode(repeat(md5(i::text), 12), 'hex'),
       sha256(('filled ' || i)::bytea), 6724000000000000, 'final', 1, at, 1, md5('1'), 6724000000000000, at,
       at + interval '1 second' from filling`,
  );
  await owner.query(
    `insert into journal_entries (id, source_kind, source_id, block_number, posted_at)
     select entry_id, 'transfer', id, 1, at from filling`,
  );
  await owner.query(
    `insert into journal_postings (entry_id, line, token_id, wallet_id, amount)
     select entry_id, line, token, case line when 1 then payer else payee end,
       case line when 1 then -1000000000000000000 else 1000000000000000000 end
     from filling, generate_series(1, 2) as line`,
  );
  await owner.query(
    `insert into event_outbox (member_id, kind, subject_id, created_at)
     select case when line % 2 = 0 then payer_member else payee_member end, 'transfer', id, now()
     from filling, generate_series(1, 4) as line`,
  );
  await owner.query(
    `insert into idempotency_keys (actor, route, key, body_hash, status, response, created_at)
     select 'member:' || payer_member, 'requestTransfer', id, sha256(i::text::bytea), 202,
       json_build_object('transferId', id, 'state', 'sending', 'filler', repeat('x', 420))::text, at from filling`,
  );
  await owner.query('drop table filling');
}
