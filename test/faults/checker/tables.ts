/** Which tables are looked at, and the rows as they are read. Numbers of PostgreSQL come as bigint, bytes as hex. */

export interface Rows {
  wallets: {
    id: string;
    kind: string;
    member_id: string | null;
    address: string | null;
    next_nonce: bigint;
    gas_available: bigint;
  };
  balances: { wallet_id: string; token_id: string; available: bigint; held: bigint };
  tokens: {
    id: string;
    symbol: string;
    decimals: bigint;
    won_per_token: bigint | null;
    contract: string | null;
    state: string;
  };
  token_operations: { id: string; token_id: string; kind: string; amount: bigint; state: string };
  transfers: {
    id: string;
    kind: string;
    payer_wallet_id: string;
    payee_wallet_id: string;
    token_id: string;
    amount: bigint;
    charge_id: string | null;
    state: string;
    final_at: string | null;
    final_us: bigint | null;
  };
  chain_outbox: {
    id: string;
    purpose: string;
    source_id: string;
    wallet_id: string;
    nonce: bigint;
    raw: string;
    hash: string;
    state: string;
    is_recovered: boolean;
    block_number: bigint | null;
    block_hash: string | null;
    fee: bigint | null;
  };
  chain_cancels: { outbox_id: string; raw: string; hash: string };
  gas_grants: {
    id: string;
    wallet_id: string;
    reason: string;
    for_source: string | null;
    amount: bigint;
    state: string;
    on_day: string;
  };
  gas_grant_days: { wallet_id: string; on_day: string; granted: bigint };
  journal_entries: { id: string; source_kind: string; source_id: string; block_number: bigint };
  journal_postings: { entry_id: string; line: bigint; token_id: string; wallet_id: string | null; amount: bigint };
  charges: { id: string; wallet_id: string; token_id: string; amount_won: bigint; amount: bigint; state: string };
  bank_notices: { id: string; provider: string; bank_ref: string; amount_won: bigint; charge_id: string | null };
  idempotency_keys: {
    actor: string;
    route: string;
    key: string;
    status: bigint;
    response: string;
    committed_at: string | null;
  };
  outflow_stops: {
    id: string;
    scope: string;
    wallet_id: string | null;
    lifted_at: string | null;
    committed_at: string | null;
  };
  webhook_endpoints: { id: string; created_us: bigint; disabled_at: string | null };
  webhook_deliveries: {
    id: string;
    endpoint_id: string;
    type: string;
    subject_id: string;
    sequence: bigint;
    body: string;
    state: string;
    attempts: bigint;
    last_error: string | null;
  };
  audit_log: {
    id: string;
    at_us: string;
    actor: string;
    act: string;
    subject: string | null;
    request: string;
    facts: string;
    mac: string;
    trx: string;
  };
  audit_links: { seq: bigint; row_id: string; hash: string; mac: string };
}

export type TableName = keyof Rows;

export interface Table {
  readonly key: readonly string[];
  readonly columns: string;
  /** `value`: rows are never changed and never go. `ends`: never changed once their state is an end. */
  readonly life: 'value' | 'ends' | 'moves';
}

/** When the transaction that wrote this version of the row committed; null where PostgreSQL does not keep it. */
const COMMITTED_AT =
  "case when current_setting('track_commit_timestamp')::bool then pg_xact_commit_timestamp(xmin)::text end as committed_at";

export const TABLES: Readonly<Record<TableName, Table>> = {
  wallets: { key: ['id'], columns: 'id, kind, member_id, address, next_nonce, gas_available', life: 'moves' },
  balances: { key: ['wallet_id', 'token_id'], columns: 'wallet_id, token_id, available, held', life: 'moves' },
  tokens: { key: ['id'], columns: 'id, symbol, decimals, won_per_token, contract, state', life: 'moves' },
  token_operations: { key: ['id'], columns: 'id, token_id, kind, amount, state', life: 'ends' },
  transfers: {
    key: ['id'],
    columns:
      'id, kind, payer_wallet_id, payee_wallet_id, token_id, amount, charge_id, state, final_at::text as final_at, (extract(epoch from final_at) * 1000000)::bigint as final_us',
    life: 'ends',
  },
  chain_outbox: {
    key: ['id'],
    columns:
      "id, purpose, source_id, wallet_id, nonce, encode(raw, 'hex') as raw, encode(hash, 'hex') as hash, state, is_recovered, block_number, block_hash, fee",
    life: 'ends',
  },
  chain_cancels: {
    key: ['outbox_id'],
    columns: "outbox_id, encode(raw, 'hex') as raw, encode(hash, 'hex') as hash",
    life: 'value',
  },
  gas_grants: {
    key: ['id'],
    columns:
      "id, wallet_id, reason, for_source, amount, state, (requested_at at time zone 'UTC')::date::text as on_day",
    life: 'ends',
  },
  gas_grant_days: {
    key: ['wallet_id', 'on_day'],
    columns: 'wallet_id, on_day::text as on_day, granted',
    life: 'moves',
  },
  journal_entries: { key: ['id'], columns: 'id, source_kind, source_id, block_number', life: 'value' },
  journal_postings: {
    key: ['entry_id', 'line'],
    columns: 'entry_id, line, token_id, wallet_id, amount',
    life: 'value',
  },
  charges: { key: ['id'], columns: 'id, wallet_id, token_id, amount_won, amount, state', life: 'moves' },
  bank_notices: { key: ['id'], columns: 'id, provider, bank_ref, amount_won, charge_id', life: 'moves' },
  idempotency_keys: {
    key: ['actor', 'route', 'key'],
    columns: `actor, route, key, status, response, ${COMMITTED_AT}`,
    life: 'value',
  },
  outflow_stops: {
    key: ['id'],
    columns: `id, scope, wallet_id, lifted_at::text as lifted_at, ${COMMITTED_AT}`,
    life: 'moves',
  },
  webhook_endpoints: {
    key: ['id'],
    columns: 'id, (extract(epoch from created_at) * 1000000)::bigint as created_us, disabled_at::text as disabled_at',
    life: 'moves',
  },
  webhook_deliveries: {
    key: ['id'],
    columns: 'id, endpoint_id, type, subject_id, sequence, body, state, attempts, last_error',
    life: 'moves',
  },
  audit_log: {
    key: ['id'],
    columns:
      "id, (extract(epoch from at) * 1000000)::numeric(20, 0)::text as at_us, actor, act, subject, request, facts, encode(mac, 'hex') as mac, trx::text as trx",
    life: 'value',
  },
  audit_links: {
    key: ['seq'],
    columns: "seq, row_id, encode(hash, 'hex') as hash, encode(mac, 'hex') as mac",
    life: 'value',
  },
};

const ENDS = new Set(['final', 'reverted', 'superseded']);

/** True for a state that nothing follows. */
export const isEnd = (state: string): boolean => ENDS.has(state);
