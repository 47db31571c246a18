/** Statements over transfers. */
import { assert } from '@jigeum/std';
import { sql } from 'kysely';
import { hasWebhooks, type Db, type Place, type Trx } from '#platform';
import type { EndState, SourceState } from '../transfer.ts';

export interface NewTransfer {
  id: string;
  kind: 'payment' | 'charge';
  payerWalletId: string;
  payeeWalletId: string;
  tokenId: string;
  amount: bigint;
  memo: string;
  chargeId: string | null;
}

export async function insertTransfers(trx: Trx, transfers: readonly NewTransfer[], now: Date): Promise<void> {
  const column = <K extends keyof NewTransfer>(name: K): NewTransfer[K][] =>
    transfers.map((transfer) => transfer[name]);
  await sql`/*prepare*/
    insert into transfers (id, kind, payer_wallet_id, payee_wallet_id, token_id, amount, memo, charge_id, state, requested_at)
    select t.*, 'accepted', ${now}::timestamptz
    from unnest(${column('id')}::uuid[], ${column('kind')}::text[], ${column('payerWalletId')}::uuid[],
                ${column('payeeWalletId')}::uuid[], ${column('tokenId')}::uuid[], ${column('amount')}::numeric[],
                ${column('memo')}::text[], ${column('chargeId')}::uuid[])
      as t (id, kind, payer_wallet_id, payee_wallet_id, token_id, amount, memo, charge_id)
  `.execute(trx);
}

export interface EndedTransfer {
  id: string;
  kind: 'payment' | 'charge';
  payer_wallet_id: string;
  payee_wallet_id: string;
  payer_member_id: string | null;
  payee_member_id: string | null;
  token_id: string;
  amount: bigint;
  charge_id: string | null;
  state: EndState;
  /** The token's symbol where a webhook tells of this end; null where there is no endpoint. */
  told_token: string | null;
}

/** Throws where one of them is not accepted. */
export async function endTransfers(
  trx: Trx,
  ends: readonly { id: string; state: EndState }[],
  at: Date,
): Promise<EndedTransfer[]> {
  const { rows } = await sql<EndedTransfer>`/*prepare*/
    update transfers t set state = e.state, final_at = ${at}
    from unnest(${ends.map((end) => end.id)}::uuid[], ${ends.map((end) => end.state)}::text[]) as e (id, state),
         wallets payer, wallets payee
    where t.id = e.id and t.state = 'accepted' and payer.id = t.payer_wallet_id and payee.id = t.payee_wallet_id
    returning t.id, t.kind, t.payer_wallet_id, t.payee_wallet_id, payer.member_id as payer_member_id,
              payee.member_id as payee_member_id, t.token_id, t.amount, t.charge_id, t.state,
              case when ${hasWebhooks} then (select k.symbol from tokens k where k.id = t.token_id) end as told_token
  `.execute(trx);
  assert(rows.length === ends.length, `each of ${ends.length} transfers is accepted: ${rows.length} are`);
  return rows;
}

export interface TransferRow {
  id: string;
  kind: 'payment' | 'charge';
  payer_member_uuid: string | null;
  payer_member_id: string | null;
  payer_name: string | null;
  payer_verified_at: Date | null;
  payee_member_uuid: string | null;
  payee_member_id: string | null;
  payee_name: string | null;
  payee_verified_at: Date | null;
  symbol: string;
  token_name: string;
  decimals: number;
  won_per_token: bigint | null;
  token_state: string;
  amount: bigint;
  memo: string;
  state: SourceState;
  is_unknown: boolean | null;
  requested_at: Date;
  final_at: Date | null;
}

const transferColumns = sql`
  t.id, t.kind, t.amount, t.memo, t.state, t.requested_at, t.final_at,
  pm.id as payer_member_uuid, pm.member_id as payer_member_id, pm.name_masked as payer_name, pm.verified_at as payer_verified_at,
  rm.id as payee_member_uuid, rm.member_id as payee_member_id, rm.name_masked as payee_name, rm.verified_at as payee_verified_at,
  k.symbol, k.name as token_name, k.decimals, k.won_per_token, k.state as token_state, o.is_unknown
`;
const transferJoins = sql`
  join tokens k on k.id = t.token_id
  join wallets pw on pw.id = t.payer_wallet_id
  join wallets rw on rw.id = t.payee_wallet_id
  left join members pm on pm.id = pw.member_id
  left join members rm on rm.id = rw.member_id
  left join chain_outbox o on o.purpose = 'transfer' and o.source_id = t.id
`;

/** A transfer that the member pays or receives; nobody else's is found. */
export async function transferOf(
  db: Db,
  input: { transferId: string; memberId: string },
): Promise<TransferRow | undefined> {
  const { rows } = await sql<TransferRow>`
    select ${transferColumns} from transfers t ${transferJoins}
    where t.id = ${input.transferId} and (pw.member_id = ${input.memberId} or rw.member_id = ${input.memberId})
  `.execute(db);
  return rows[0];
}

/** Newest first. `after`: the last row of the page before. */
export async function transfersOf(
  db: Db,
  input: {
    memberId: string;
    direction: 'out' | 'in' | undefined;
    kind: 'payment' | 'charge' | undefined;
    after: Place | undefined;
    limit: number;
  },
): Promise<TransferRow[]> {
  const side = (column: 'payer_wallet_id' | 'payee_wallet_id') => sql`
    (select * from transfers
     where ${sql.ref(column)} = (select id from wallets where member_id = ${input.memberId})
       ${input.kind === undefined ? sql`` : sql`and kind = ${input.kind}`}
       ${input.after === undefined ? sql`` : sql`and (requested_at, id) < (${input.after.at}, ${input.after.id}::uuid)`}
     order by requested_at desc, id desc limit ${input.limit})
  `;
  const sides =
    input.direction === 'out'
      ? side('payer_wallet_id')
      : input.direction === 'in'
        ? side('payee_wallet_id')
        : sql`${side('payer_wallet_id')} union all ${side('payee_wallet_id')}`;
  const { rows } = await sql<TransferRow>`
    select ${transferColumns} from (${sides}) t ${transferJoins}
    order by t.requested_at desc, t.id desc limit ${input.limit}
  `.execute(db);
  return rows;
}
