-- Comparing the ledger with the chain, and recovery of a database that is older than the chain.

-- What was posted after a block is subtracted from today's balances: few entries, found by this.
create index journal_entries_block on journal_entries (block_number);
-- Issuance and corrections: few rows, added up at each comparison.
create index journal_postings_outside on journal_postings (token_id) where wallet_id is null;

-- A correction takes over a fact of the chain that no transfer explains; its source is the finding.
alter table journal_entries drop constraint journal_entries_source_kind_check;
alter table journal_entries add constraint journal_entries_source_kind_check
  check (source_kind in ('transfer', 'token_operation', 'correction'));
comment on column journal_postings.wallet_id is
  'Null: issuance, the other side of a mint or a burn; in a correction, holders outside of the platform.';

-- How far the comparison has come. One row a chain.
create table reconcile_progress (
  chain_id int primary key,
  -- Up to this block the wallets that it touched were compared.
  checked_block bigint not null,
  -- Rows of balances that were changed by a transaction from this one on are to be compared (xid8 as text).
  seen_trx text not null,
  -- Where the sweep over all wallets goes on; null: at the beginning.
  sweep_after uuid,
  sweep_started_at timestamptz not null,
  sweep_ended_at timestamptz,
  leased_until timestamptz not null
);

-- A difference between ledger and chain, kept with what an operator has decided about it.
create table reconcile_findings (
  id uuid primary key,
  wallet_id uuid not null references wallets (id),
  token_id uuid not null references tokens (id),
  ledger numeric(78, 0) not null,
  chain numeric(78, 0) not null check (chain >= 0),
  block_number bigint not null,
  last_entry_id uuid references journal_entries (id),
  -- Hashes of transactions that concern the wallet and that the ledger does not know, newest first.
  unknown_hashes text[] not null,
  found_at timestamptz not null,
  decision text check (decision in ('resume', 'adopt')),
  decided_by text,
  decided_at timestamptz,
  reason text,
  check (ledger <> chain),
  check ((decision is null) = (decided_by is null) and (decision is null) = (decided_at is null)
         and (decision is null) = (reason is null))
);
create unique index reconcile_findings_open on reconcile_findings (wallet_id, token_id) where decision is null;
create index reconcile_findings_newest on reconcile_findings (found_at desc, id desc);
create index reconcile_findings_wallet on reconcile_findings (wallet_id, token_id, decided_at desc);
create trigger reconcile_findings_end before update on reconcile_findings
  for each row execute function refuse_change_of_ended_row('decided_at');

-- A database that is older than the chain. Its stop is in outflow_stops; here is how far recovery has come.
create table quarantines (
  stop_id uuid primary key references outflow_stops (id),
  chain_id int not null,
  -- Everything up to this block was posted when the quarantine began: what is unknown came later.
  from_block bigint not null,
  recovered_block bigint not null,
  found text not null,
  check (recovered_block >= from_block)
);

-- What recovery writes: transactions of ours that the chain tells of and this database does not.
alter table transfers add column is_recovered boolean not null default false;
alter table transfers drop constraint transfers_check1;
alter table transfers add constraint transfers_charge_check
  check (case when is_recovered then charge_id is null or kind = 'charge' else (kind = 'charge') = (charge_id is not null) end);
comment on column transfers.is_recovered is 'Written by recovery from the chain: its memo and, for a charge that is lost, the charge are unknown.';
alter table chain_outbox add column is_recovered boolean not null default false;
comment on column chain_outbox.is_recovered is 'Signed before this database was restored; its bytes were read from the chain.';
alter table chain_outbox drop constraint chain_outbox_purpose_check;
alter table chain_outbox add constraint chain_outbox_purpose_check
  check (purpose in ('transfer', 'gas_grant', 'token_operation', 'anchor', 'recovered'));
comment on column chain_outbox.source_id is 'The transfer, grant or operation; for purpose recovered, which has none, the row itself.';
-- A superseded transaction can never be mined: the one that was mined in its place may be recorded beside it.
alter table chain_outbox drop constraint chain_outbox_wallet_id_nonce_key;
create unique index chain_outbox_wallet_id_nonce_key on chain_outbox (wallet_id, nonce) where state <> 'superseded';

-- A recovered row is no new signature.
drop trigger chain_outbox_stopped on chain_outbox;
create trigger chain_outbox_stopped before insert on chain_outbox
  for each row when (not new.is_recovered) execute function refuse_stopped_outflow();

grant select, insert, update on reconcile_progress to jigeum_app;
grant select, insert on reconcile_findings, quarantines to jigeum_app;
grant update (decision, decided_by, decided_at, reason) on reconcile_findings to jigeum_app;
grant update (recovered_block) on quarantines to jigeum_app;
