/** Made from the migrated database by scripts/generate-database-types.ts. Do not edit: change a migration and run it again. */
import type { ColumnType, Generated } from 'kysely';

/** Bytes: read as a Buffer, written as any byte array. */
type Bytes = ColumnType<Buffer, Uint8Array, Uint8Array>;
type NullableBytes = ColumnType<Buffer | null, Uint8Array | null | undefined, Uint8Array | null>;
/** Written as JSON text, read parsed. */
type Json = ColumnType<unknown, string, string>;
/** PostgreSQL int8: always a bigint when read. */
type Int8 = ColumnType<bigint, bigint | number, bigint | number>;
type NullableInt8 = ColumnType<bigint | null, bigint | number | null | undefined, bigint | number | null>;
type DefaultedInt8 = ColumnType<bigint, bigint | number | undefined, bigint | number>;

export interface AlarmsTable {
  id: string;
  kind: string;
  /** What it is about, in our own ids: never a name or a phone number. */
  subject: string;
  detail: string;
  times: Generated<number>;
  raised_at: Date;
  last_seen_at: Date;
  acknowledged_at: Date | null;
  acknowledged_by: string | null;
  acknowledge_reason: string | null;
  resolved_at: Date | null;
  resolved_by: string | null;
  resolve_reason: string | null;
}

export interface AuditCheckpointsTable {
  number: Int8;
  seq: Int8;
  link_hash: Bytes;
  at: Date;
  /** Hash of the checkpoint before; zeros in the first. */
  previous: Bytes;
  public_key: Bytes;
  signature: Bytes;
}

export interface AuditLinksTable {
  seq: Int8;
  row_id: string;
  hash: Bytes;
  mac: Bytes;
}

export interface AuditLogTable {
  id: string;
  at: Date;
  /** member:<uuid>, operator, job:<name>, bank, check, or nobody. */
  actor: string;
  act: string;
  /** What it was done to; the act says of which kind: a transfer, a charge, a member, a wallet. */
  subject: string | null;
  /** The id of the HTTP request, as in the log; empty where a job acted. */
  request: Generated<string>;
  /** Canonical JSON: sorted keys, no spaces. Nothing about a person, no secret. */
  facts: string;
  mac: Bytes;
  /** The transaction that wrote it: tells the chaining job what it has seen. */
  trx: Generated<string>;
}

export interface AuditProgressTable {
  is_only: Generated<boolean>;
  /** The snapshot (pg_snapshot) of the newest chained rows; null before the first. */
  seen: string | null;
  /** The database cluster that the snapshot belongs to: transaction ids of another mean nothing. */
  cluster: string | null;
}

export interface BalancesTable {
  wallet_id: string;
  token_id: string;
  available: Generated<bigint>;
  held: Generated<bigint>;
}

export interface BankNoticesTable {
  id: string;
  provider: string;
  bank_ref: string;
  account_number: string;
  depositor_name: string;
  amount_won: Int8;
  deposited_at: Date;
  received_at: Date;
  charge_id: string | null;
}

export interface ChainCancelsTable {
  outbox_id: string;
  raw: Bytes;
  hash: Bytes;
  fee_max: bigint;
  created_at: Date;
}

export interface ChainOutboxTable {
  id: string;
  purpose: string;
  /** The transfer, grant or operation; for purpose recovered, which has none, the row itself. */
  source_id: string;
  wallet_id: string;
  nonce: Int8;
  raw: Bytes;
  hash: Bytes;
  fee_max: bigint;
  state: string;
  waits_for: string | null;
  is_unknown: Generated<boolean>;
  attempts: Generated<number>;
  next_attempt_at: Date;
  last_problem: string | null;
  block_number: NullableInt8;
  block_hash: string | null;
  error_code: number | null;
  fee: bigint | null;
  created_at: Date;
  final_at: Date | null;
  /** Since when the node calls these bytes invalid, without a word in between that it takes them. */
  invalid_since: Date | null;
  /** Signed before this database was restored; its bytes were read from the chain. */
  is_recovered: Generated<boolean>;
}

export interface ChainProgressTable {
  chain_id: number;
  posted_block: Int8;
  updated_at: Date;
}

export interface ChargesTable {
  id: string;
  member_id: string;
  wallet_id: string;
  token_id: string;
  amount_won: Int8;
  amount: bigint;
  deposit_code: string;
  state: string;
  requested_at: Date;
  expires_at: Date;
  paid_at: Date | null;
  done_at: Date | null;
}

export interface EventOutboxTable {
  id: ColumnType<bigint, never, never>;
  member_id: string;
  kind: string;
  subject_id: string;
  created_at: Date;
}

export interface GasGrantDaysTable {
  wallet_id: string;
  on_day: string;
  granted: Generated<bigint>;
  /** How many grants the sum is made of: each cost its sender a fee besides. */
  grants: Generated<number>;
}

export interface GasGrantsTable {
  id: string;
  wallet_id: string;
  reason: string;
  /** The transfer or token operation whose exact shortfall it covers: one grant at most for each. */
  for_source: string | null;
  amount: bigint;
  state: string;
  requested_at: Date;
  final_at: Date | null;
}

export interface IdempotencyKeysTable {
  actor: string;
  route: string;
  key: string;
  body_hash: Bytes;
  status: number;
  response: string;
  created_at: Date;
}

export interface IdentityChecksTable {
  id: string;
  browser_hash: Bytes;
  state: string;
  provider: string;
  provider_ref: string;
  carrier: string;
  phone_hmac: Bytes;
  phone_masked: string;
  name_masked: string;
  ci_hmac: NullableBytes;
  tries: Generated<number>;
  created_at: Date;
  expires_at: Date;
  resend_after: Date;
  verified_at: Date | null;
}

export interface IdentityLogTable {
  id: string;
  check_id: string;
  kind: string;
  result: string;
  phone_masked: string;
  at: Date;
}

export interface IdentitySendsTable {
  phone_hmac: Bytes;
  on_day: string;
  sends: number;
}

export interface JournalEntriesTable {
  id: string;
  source_kind: string;
  source_id: string;
  block_number: Int8;
  posted_at: Date;
}

export interface JournalPostingsTable {
  entry_id: string;
  line: number;
  token_id: string;
  /** Null: issuance, the other side of a mint or a burn; in a correction, holders outside of the platform. */
  wallet_id: string | null;
  /** Positive: into the wallet. The postings of an entry add up to zero for each token. */
  amount: bigint;
}

export interface MembersTable {
  id: string;
  member_id: string;
  /** The full name is passed to the agency and not stored. */
  name_masked: string;
  phone_hmac: Bytes;
  phone_masked: string;
  ci_hmac: Bytes;
  receive_code: string;
  verified_at: Date;
  /** HMAC-SHA256 of member id and PIN under a key derived from the server key: useless without it. */
  pin_hmac: Bytes;
  login_failures: Generated<number>;
  pin_failures: Generated<number>;
  last_login_at: Date | null;
  created_at: Date;
}

export interface OutflowStopsTable {
  id: string;
  scope: string;
  token_id: string | null;
  wallet_id: string | null;
  cause: string;
  reason: string;
  stopped_by: string;
  stopped_at: Date;
  lifted_by: string | null;
  lifted_at: Date | null;
  lift_reason: string | null;
}

export interface PayeesTable {
  id: string;
  payer_member_id: string;
  payee_member_id: string;
  created_at: Date;
  last_paid_at: Date | null;
}

export interface QuarantinesTable {
  stop_id: string;
  chain_id: number;
  from_block: Int8;
  recovered_block: Int8;
  found: string;
}

export interface RateCountsTable {
  scope: string;
  subject: string;
  window_start: Date;
  hits: number;
}

export interface ReceiptIssuerKeysTable {
  /** SHA-256 of the public key. */
  key_id: Bytes;
  public_key: Bytes;
  first_used_at: Date;
}

export interface ReceiptSealersTable {
  key_hash: Bytes;
  sym_id: string;
  first_seen_at: Date;
}

export interface ReceiptsTable {
  transfer_id: string;
  issuer_key_id: Bytes;
  sealer_key_hash: Bytes;
  /** Shown to payer and payee only: with it the memo can be checked against the file. */
  memo_salt: Bytes;
  /** The signed file, byte for byte as it is handed out. */
  file: string;
  made_at: Date;
}

export interface ReconcileFindingsTable {
  id: string;
  wallet_id: string;
  token_id: string;
  ledger: bigint;
  chain: bigint;
  block_number: Int8;
  last_entry_id: string | null;
  unknown_hashes: string[];
  found_at: Date;
  decision: string | null;
  decided_by: string | null;
  decided_at: Date | null;
  reason: string | null;
}

export interface ReconcileProgressTable {
  chain_id: number;
  checked_block: Int8;
  seen_trx: string;
  sweep_after: string | null;
  sweep_started_at: Date;
  sweep_ended_at: Date | null;
  leased_until: Date;
}

export interface ScanBlocksTable {
  number: Int8;
  hash: Bytes;
  parent_hash: Bytes;
  at: Date;
  transaction_count: number;
  header: Bytes;
  seal: NullableBytes;
  size: number;
}

export interface ScanHoldersTable {
  contract: Bytes;
  address: Bytes;
  balance: bigint;
}

export interface ScanItemOwnersTable {
  contract: Bytes;
  owner: Bytes;
  items: Int8;
}

export interface ScanItemsTable {
  contract: Bytes;
  item: Int8;
  owner: NullableBytes;
  content: Json;
}

export interface ScanPartiesTable {
  address: Bytes;
  block_number: Int8;
  position: number;
}

export interface ScanTokensTable {
  contract: Bytes;
  type: string;
  name: string;
  symbol: string;
  creator: Bytes;
  owner: Bytes;
  state: string;
  state_code: string;
  supply: bigint;
  block_number: Int8;
  position: number;
  holder_count: DefaultedInt8;
  call_count: DefaultedInt8;
}

export interface ScanTotalsTable {
  is_only: Generated<boolean>;
  transaction_count: Int8;
}

export interface ScanTransactionsTable {
  block_number: Int8;
  position: number;
  hash: Bytes;
  content: Json;
  raw: NullableBytes;
}

export interface SessionsTable {
  id_hash: Bytes;
  member_id: string;
  created_at: Date;
  last_seen_at: Date;
  expires_at: Date;
  /** The member's private key under a secret that only the member's cookie carries. */
  sealed_key: NullableBytes;
  unlocked_until: Date | null;
}

export interface TokenOperationsTable {
  id: string;
  token_id: string;
  kind: string;
  amount: bigint;
  reason: string;
  actor: string;
  state: string;
  requested_at: Date;
  final_at: Date | null;
}

export interface TokensTable {
  id: string;
  symbol: string;
  name: string;
  decimals: number;
  won_per_token: NullableInt8;
  chain_id: number;
  state: string;
  contract: string | null;
  created_at: Date;
}

export interface TransfersTable {
  id: string;
  kind: string;
  payer_wallet_id: string;
  payee_wallet_id: string;
  token_id: string;
  amount: bigint;
  memo: Generated<string>;
  charge_id: string | null;
  state: string;
  requested_at: Date;
  final_at: Date | null;
  /** Written by recovery from the chain: its memo and, for a charge that is lost, the charge are unknown. */
  is_recovered: Generated<boolean>;
}

export interface WalletsTable {
  id: string;
  kind: string;
  member_id: string | null;
  chain_id: number;
  state: string;
  key_hash: Bytes;
  address: string | null;
  sealed_keystore: Bytes;
  key_version: Generated<number>;
  /** The one nonce source: taken under this row's lock, in the transaction that stores the signed bytes. */
  next_nonce: DefaultedInt8;
  /** Native coin that is final on the chain and not yet promised to a signed transaction. */
  gas_available: Generated<bigint>;
  /** Set when the wallet becomes ready and when its gas falls below the threshold; the job refill-gas clears it. */
  needs_gas: Generated<boolean>;
  created_at: Date;
  ready_at: Date | null;
  /** When the certificate authority is asked (again) for the address of a wallet that is being prepared. */
  next_attempt_at: Date;
  /** A row of it waits for a cancel, which is signed when its key is open next. */
  needs_cancel: Generated<boolean>;
  /** The chain may have less or more coin than gas_available says; the job refill-gas compares them. */
  gas_unsure: Generated<boolean>;
}

export interface WebhookDeliveriesTable {
  /** The header webhook-id: made of endpoint, subject and sequence, so that it is the same for ever. */
  id: string;
  endpoint_id: string;
  type: string;
  subject_id: string;
  /** Of the subject, from 1 without gaps: tries of a later one wait for the earlier. */
  sequence: number;
  /** What is sent and signed, byte for byte, in every try. */
  body: string;
  state: Generated<string>;
  attempts: Generated<number>;
  next_attempt_at: Date;
  /** A try that fails after this is the last one. */
  tries_end_at: Date;
  last_status: number | null;
  last_error: string | null;
  created_at: Date;
  ended_at: Date | null;
}

export interface WebhookEndpointsTable {
  id: string;
  url: string;
  created_at: Date;
  disabled_at: Date | null;
  /** The breaker: rounds of tries in a row of which none was accepted. */
  failures: Generated<number>;
  failing_since: Date | null;
  /** While the breaker is open: no try before. */
  next_try_at: Date | null;
}

export interface WebhookSecretsTable {
  endpoint_id: string;
  number: number;
  sealed: Bytes;
  made_at: Date;
  signs_until: Date | null;
}

export interface Database {
  alarms: AlarmsTable;
  audit_checkpoints: AuditCheckpointsTable;
  audit_links: AuditLinksTable;
  audit_log: AuditLogTable;
  audit_progress: AuditProgressTable;
  balances: BalancesTable;
  bank_notices: BankNoticesTable;
  chain_cancels: ChainCancelsTable;
  chain_outbox: ChainOutboxTable;
  chain_progress: ChainProgressTable;
  charges: ChargesTable;
  event_outbox: EventOutboxTable;
  gas_grant_days: GasGrantDaysTable;
  gas_grants: GasGrantsTable;
  idempotency_keys: IdempotencyKeysTable;
  identity_checks: IdentityChecksTable;
  identity_log: IdentityLogTable;
  identity_sends: IdentitySendsTable;
  journal_entries: JournalEntriesTable;
  journal_postings: JournalPostingsTable;
  members: MembersTable;
  outflow_stops: OutflowStopsTable;
  payees: PayeesTable;
  quarantines: QuarantinesTable;
  rate_counts: RateCountsTable;
  receipt_issuer_keys: ReceiptIssuerKeysTable;
  receipt_sealers: ReceiptSealersTable;
  receipts: ReceiptsTable;
  reconcile_findings: ReconcileFindingsTable;
  reconcile_progress: ReconcileProgressTable;
  scan_blocks: ScanBlocksTable;
  scan_holders: ScanHoldersTable;
  scan_item_owners: ScanItemOwnersTable;
  scan_items: ScanItemsTable;
  scan_parties: ScanPartiesTable;
  scan_tokens: ScanTokensTable;
  scan_totals: ScanTotalsTable;
  scan_transactions: ScanTransactionsTable;
  sessions: SessionsTable;
  token_operations: TokenOperationsTable;
  tokens: TokensTable;
  transfers: TransfersTable;
  wallets: WalletsTable;
  webhook_deliveries: WebhookDeliveriesTable;
  webhook_endpoints: WebhookEndpointsTable;
  webhook_secrets: WebhookSecretsTable;
}
