-- The first schema: members, wallets, tokens, charges, transfers, the two outboxes and the scanner's read model.
-- Rules of value are constraints here, never only code. Records of value are append-only for the application's role.

do $$ begin
  if not exists (select from pg_roles where rolname = 'jigeum_app') then
    create role jigeum_app nologin;
  end if;
end $$;

-- People ------------------------------------------------------------------------------------------------------------

create table members (
  id uuid primary key,
  member_id text not null unique check (member_id ~ '^[a-z][a-z0-9]{3,19}$'),
  name_masked text not null,
  phone_hmac bytea not null unique,
  phone_masked text not null,
  ci_hmac bytea not null unique,
  receive_code uuid not null unique,
  verified_at timestamptz not null,
  pin_hmac bytea not null,
  login_failures int not null default 0 check (login_failures between 0 and 5),
  pin_failures int not null default 0 check (pin_failures between 0 and 5),
  last_login_at timestamptz,
  created_at timestamptz not null
);
comment on column members.name_masked is 'The full name is passed to the agency and not stored.';
comment on column members.pin_hmac is 'HMAC-SHA256 of member id and PIN under a key derived from the server key: useless without it.';

create table sessions (
  id_hash bytea primary key,
  member_id uuid not null references members (id),
  created_at timestamptz not null,
  last_seen_at timestamptz not null,
  expires_at timestamptz not null,
  sealed_key bytea,
  unlocked_until timestamptz,
  check ((sealed_key is null) = (unlocked_until is null))
);
create index sessions_member on sessions (member_id);
comment on column sessions.sealed_key is 'The member''s private key under a secret that only the member''s cookie carries.';

create table identity_checks (
  id uuid primary key,
  browser_hash bytea not null,
  state text not null check (state in ('sent', 'verified', 'failed', 'expired', 'consumed')),
  provider text not null,
  provider_ref text not null unique,
  carrier text not null,
  phone_hmac bytea not null,
  phone_masked text not null,
  name_masked text not null,
  ci_hmac bytea,
  tries int not null default 0 check (tries between 0 and 5),
  created_at timestamptz not null,
  expires_at timestamptz not null,
  resend_after timestamptz not null,
  verified_at timestamptz,
  check ((state in ('verified', 'consumed')) = (verified_at is not null and ci_hmac is not null))
);

-- Five codes a day and phone, whoever asks. The count is taken before a code is sent.
create table identity_sends (
  phone_hmac bytea not null,
  on_day date not null,
  sends int not null check (sends between 0 and 5),
  primary key (phone_hmac, on_day)
);

-- Append-only: one row an attempt (the paper's nr_log_sms).
create table identity_log (
  id uuid primary key,
  check_id uuid not null references identity_checks (id),
  kind text not null check (kind in ('send', 'resend', 'confirm')),
  result text not null,
  phone_masked text not null,
  at timestamptz not null
);

-- Keys --------------------------------------------------------------------------------------------------------------

create table wallets (
  id uuid primary key,
  kind text not null check (kind in ('member', 'treasury', 'reserve')),
  member_id uuid unique references members (id),
  chain_id int not null,
  state text not null check (state in ('preparing', 'ready')),
  key_hash bytea not null unique check (length(key_hash) = 20),
  address text,
  sealed_keystore bytea not null,
  key_version int not null default 1,
  next_nonce bigint not null default 0 check (next_nonce >= 0),
  gas_available numeric(78, 0) not null default 0 check (gas_available >= 0),
  needs_gas boolean not null default false,
  created_at timestamptz not null,
  ready_at timestamptz,
  next_attempt_at timestamptz not null,
  unique (chain_id, address),
  check ((kind = 'member') = (member_id is not null)),
  check ((state = 'ready') = (address is not null))
);
create unique index wallets_platform on wallets (chain_id, kind) where kind <> 'member';
create index wallets_preparing on wallets (next_attempt_at) where state = 'preparing';
create index wallets_needing_gas on wallets (id) where needs_gas;
comment on column wallets.next_nonce is 'The one nonce source: taken under this row''s lock, in the transaction that stores the signed bytes.';
comment on column wallets.gas_available is 'Native coin that is final on the chain and not yet promised to a signed transaction.';
comment on column wallets.needs_gas is 'Set when the wallet becomes ready and when its gas falls below the threshold; the job refill-gas clears it.';
comment on column wallets.next_attempt_at is 'When the certificate authority is asked (again) for the address of a wallet that is being prepared.';

-- Tokens ------------------------------------------------------------------------------------------------------------

create table tokens (
  id uuid primary key,
  symbol text not null unique check (symbol ~ '^[A-Za-z0-9]{3,10}$'),
  name text not null,
  decimals int not null check (decimals between 0 and 36),
  won_per_token bigint check (won_per_token > 0),
  chain_id int not null,
  state text not null check (state in ('creating', 'active', 'paused', 'failed')),
  contract text,
  created_at timestamptz not null,
  unique (chain_id, contract),
  check (state in ('creating', 'failed') or contract is not null)
);

create table token_operations (
  id uuid primary key,
  token_id uuid not null references tokens (id),
  kind text not null check (kind in ('create', 'mint', 'burn', 'pause', 'unpause')),
  amount numeric(78, 0) not null check (amount >= 0),
  reason text not null,
  actor text not null,
  state text not null check (state in ('accepted', 'final', 'reverted')),
  requested_at timestamptz not null,
  final_at timestamptz
);
create index token_operations_token on token_operations (token_id, requested_at);

-- Ledger ------------------------------------------------------------------------------------------------------------

-- What a wallet may spend, what is promised, and what is on its way in. Changed only together with the rows below.
create table balances (
  wallet_id uuid not null references wallets (id),
  token_id uuid not null references tokens (id),
  available numeric(78, 0) not null default 0 check (available >= 0),
  held numeric(78, 0) not null default 0 check (held >= 0),
  incoming numeric(78, 0) not null default 0 check (incoming >= 0),
  primary key (wallet_id, token_id)
);

-- Append-only, written when something is final. One entry a source.
create table journal_entries (
  id uuid primary key,
  source_kind text not null check (source_kind in ('transfer', 'token_operation')),
  source_id uuid not null,
  block_number bigint not null,
  posted_at timestamptz not null,
  unique (source_kind, source_id)
);

create table journal_postings (
  entry_id uuid not null references journal_entries (id),
  line int not null,
  token_id uuid not null references tokens (id),
  wallet_id uuid references wallets (id),
  amount numeric(78, 0) not null check (amount <> 0),
  primary key (entry_id, line)
);
create index journal_postings_wallet on journal_postings (wallet_id, token_id);
comment on column journal_postings.wallet_id is 'Null: issuance, the other side of a mint or a burn.';
comment on column journal_postings.amount is 'Positive: into the wallet. The postings of an entry add up to zero for each token.';

create function check_journal_entry_balances() returns trigger language plpgsql as $$
begin
  if exists (
    select from journal_postings where entry_id = new.entry_id group by token_id having sum(amount) <> 0
  ) then
    raise exception 'Journal entry % does not add up to zero.', new.entry_id using errcode = 'check_violation';
  end if;
  return null;
end $$;
create constraint trigger journal_entry_balances after insert on journal_postings
  deferrable initially deferred for each row execute function check_journal_entry_balances();

-- Transfers ---------------------------------------------------------------------------------------------------------

create table payees (
  id uuid primary key,
  payer_member_id uuid not null references members (id),
  payee_member_id uuid not null references members (id),
  created_at timestamptz not null,
  last_paid_at timestamptz,
  unique (payer_member_id, payee_member_id),
  check (payer_member_id <> payee_member_id)
);

create table charges (
  id uuid primary key,
  member_id uuid not null references members (id),
  wallet_id uuid not null references wallets (id),
  token_id uuid not null references tokens (id),
  amount_won bigint not null check (amount_won > 0),
  amount numeric(78, 0) not null check (amount > 0),
  deposit_code text not null,
  state text not null check (state in ('waiting', 'paid', 'done', 'cancelled', 'expired')),
  requested_at timestamptz not null,
  expires_at timestamptz not null,
  paid_at timestamptz,
  done_at timestamptz
);
create index charges_expiry on charges (expires_at) where state = 'waiting';
create index charges_paid on charges (paid_at) where state = 'paid';
create unique index charges_deposit_code on charges (deposit_code) where state = 'waiting';
create index charges_member on charges (member_id, requested_at desc, id desc);

-- Append-only: one row for each deposit that the bank told us of, matched or not.
create table bank_notices (
  id uuid primary key,
  provider text not null,
  bank_ref text not null,
  account_number text not null,
  depositor_name text not null,
  amount_won bigint not null check (amount_won > 0),
  deposited_at timestamptz not null,
  received_at timestamptz not null,
  charge_id uuid unique references charges (id),
  unique (provider, bank_ref)
);

create table transfers (
  id uuid primary key,
  kind text not null check (kind in ('payment', 'charge')),
  payer_wallet_id uuid not null references wallets (id),
  payee_wallet_id uuid not null references wallets (id),
  token_id uuid not null references tokens (id),
  amount numeric(78, 0) not null check (amount > 0),
  memo text not null default '' check (length(memo) <= 60),
  charge_id uuid references charges (id),
  state text not null check (state in ('accepted', 'final', 'reverted')),
  requested_at timestamptz not null,
  final_at timestamptz,
  check (payer_wallet_id <> payee_wallet_id),
  check ((kind = 'charge') = (charge_id is not null)),
  check ((state = 'accepted') = (final_at is null))
);
create index transfers_payer on transfers (payer_wallet_id, requested_at desc, id desc);
create index transfers_payee on transfers (payee_wallet_id, requested_at desc, id desc);
create unique index transfers_charge on transfers (charge_id) where state <> 'reverted';

create table gas_grants (
  id uuid primary key,
  wallet_id uuid not null references wallets (id),
  reason text not null check (reason in ('prefund', 'refill', 'shortfall')),
  for_source uuid unique,
  amount numeric(78, 0) not null check (amount > 0),
  state text not null check (state in ('accepted', 'final', 'reverted')),
  requested_at timestamptz not null,
  final_at timestamptz,
  check ((reason = 'shortfall') = (for_source is not null))
);
comment on column gas_grants.for_source is 'The transfer or token operation whose exact shortfall it covers: one grant at most for each.';
create unique index gas_grants_prefund on gas_grants (wallet_id) where reason = 'prefund';
create unique index gas_grants_open on gas_grants (wallet_id) where state = 'accepted' and reason <> 'shortfall';

-- What was granted to a wallet on a day; the application compares it with the budget under this row's lock.
create table gas_grant_days (
  wallet_id uuid not null references wallets (id),
  on_day date not null,
  granted numeric(78, 0) not null default 0 check (granted >= 0),
  primary key (wallet_id, on_day)
);

-- One row for each signed transaction: nonce, bytes and hash are committed before the first broadcast; a retry sends
-- the same bytes.
create table chain_outbox (
  id uuid primary key,
  purpose text not null check (purpose in ('transfer', 'gas_grant', 'token_operation')),
  source_id uuid not null,
  wallet_id uuid not null references wallets (id),
  nonce bigint not null check (nonce >= 0),
  raw bytea not null,
  hash bytea not null unique check (length(hash) = 32),
  fee_max numeric(78, 0) not null check (fee_max >= 0),
  state text not null check (state in ('gas_wait', 'signed', 'broadcast', 'final', 'reverted')),
  waits_for uuid references chain_outbox (id),
  is_unknown boolean not null default false,
  attempts int not null default 0,
  next_attempt_at timestamptz not null,
  last_problem text,
  block_number bigint,
  block_hash text,
  error_code int,
  fee numeric(78, 0),
  created_at timestamptz not null,
  final_at timestamptz,
  unique (wallet_id, nonce),
  unique (purpose, source_id),
  check (state <> 'gas_wait' or (waits_for is not null and attempts = 0)),
  check ((state in ('final', 'reverted')) = (final_at is not null and block_number is not null and fee is not null))
);
create index chain_outbox_due on chain_outbox (next_attempt_at) where state in ('signed', 'broadcast');
create index chain_outbox_in_flight on chain_outbox (wallet_id, nonce) where state in ('gas_wait', 'signed', 'broadcast');
create index chain_outbox_waiting on chain_outbox (waits_for) where state = 'gas_wait';

create function refuse_change_of_end_state() returns trigger language plpgsql as $$
begin
  if old.state in ('final', 'reverted') and (new.*) is distinct from (old.*) then
    raise exception '% % is % and cannot change.', tg_table_name, old.id, old.state using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger transfers_end_state before update on transfers for each row execute function refuse_change_of_end_state();
create trigger gas_grants_end_state before update on gas_grants for each row execute function refuse_change_of_end_state();
create trigger token_operations_end_state before update on token_operations
  for each row execute function refuse_change_of_end_state();
create trigger chain_outbox_end_state before update on chain_outbox
  for each row execute function refuse_change_of_end_state();

create function refuse_change_of_signed_bytes() returns trigger language plpgsql as $$
begin
  if (new.wallet_id, new.nonce, new.raw, new.hash, new.purpose, new.source_id)
     is distinct from (old.wallet_id, old.nonce, old.raw, old.hash, old.purpose, old.source_id) then
    raise exception 'The signed bytes of outbox row % cannot change.', old.id using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger chain_outbox_signed_bytes before update on chain_outbox
  for each row execute function refuse_change_of_signed_bytes();

-- How far the ledger has followed the chain: every outcome up to this block is posted.
create table chain_progress (
  chain_id int primary key,
  posted_block bigint not null,
  updated_at timestamptz not null
);

-- Platform ----------------------------------------------------------------------------------------------------------

-- Idempotency is an insert: the row is written in the transaction of its effect, so a second caller waits for the first.
create table idempotency_keys (
  actor text not null,
  route text not null,
  key uuid not null,
  body_hash bytea not null,
  status int not null,
  response text not null,
  created_at timestamptz not null,
  primary key (actor, route, key)
);

-- Written in the transaction of the state that it tells of; read by notifications.
create table event_outbox (
  id bigint generated always as identity primary key,
  member_id uuid not null references members (id),
  kind text not null check (kind in ('transfer', 'charge', 'balances', 'me')),
  subject_id uuid not null,
  created_at timestamptz not null
);
create index event_outbox_member on event_outbox (member_id, id);

-- Fixed-window counts for costly or enumerable routes, shared by all replicas.
create table rate_counts (
  scope text not null,
  subject text not null,
  window_start timestamptz not null,
  hits int not null,
  primary key (scope, subject, window_start)
);

-- Scanner: what the chain shows, indexed. Holds nothing about people. --------------------------------------------------

create table scan_blocks (
  number bigint primary key,
  hash text not null unique,
  parent_hash text not null,
  at timestamptz not null,
  transaction_count int not null
);

create table scan_transactions (
  hash text primary key,
  block_number bigint not null references scan_blocks (number),
  position int not null,
  content jsonb not null,
  unique (block_number, position)
);

-- Which addresses a transaction concerns: sender, receiver, token contract, the payee inside a call.
create table scan_parties (
  address text not null,
  block_number bigint not null,
  position int not null,
  hash text not null references scan_transactions (hash),
  primary key (address, block_number, position)
);

create table scan_holders (
  contract text not null,
  address text not null,
  balance numeric(78, 0) not null,
  primary key (contract, address)
);
create index scan_holders_rank on scan_holders (contract, balance desc);

-- Rights: the application never alters what is of value once it is written. --------------------------------------------

grant usage on schema public to jigeum_app;
grant select, insert, update, delete on
  sessions, rate_counts, scan_blocks, scan_transactions, scan_parties, scan_holders to jigeum_app;
grant select, insert, update on
  members, identity_checks, identity_sends, wallets, tokens, token_operations, balances, payees, charges, transfers,
  gas_grants, gas_grant_days, chain_outbox, chain_progress to jigeum_app;
grant select, insert on
  identity_log, journal_entries, journal_postings, bank_notices, idempotency_keys, event_outbox to jigeum_app;
grant delete on event_outbox to jigeum_app;
grant update (charge_id) on bank_notices to jigeum_app;
