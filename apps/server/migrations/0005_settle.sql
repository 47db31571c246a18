-- How signed transactions end where the chain executes another one of their nonce, and budgets for gas.
--
-- Superseded: it is proven that another transaction has used the nonce, so that this one can never be mined. A row whose
-- bytes the chain will never take gets one recorded cancel of the same nonce; whichever of the two is final ends the row.

alter table transfers drop constraint transfers_state_check;
alter table transfers add constraint transfers_state_check check (state in ('accepted', 'final', 'reverted', 'superseded'));
alter table gas_grants drop constraint gas_grants_state_check;
alter table gas_grants add constraint gas_grants_state_check check (state in ('accepted', 'final', 'reverted', 'superseded'));
alter table token_operations drop constraint token_operations_state_check;
alter table token_operations add constraint token_operations_state_check
  check (state in ('accepted', 'final', 'reverted', 'superseded'));

drop index transfers_charge;
create unique index transfers_charge on transfers (charge_id) where state in ('accepted', 'final');

alter table chain_outbox drop constraint chain_outbox_state_check;
alter table chain_outbox drop constraint chain_outbox_check1;
alter table chain_outbox add constraint chain_outbox_state_check
  check (state in ('gas_wait', 'signed', 'broadcast', 'final', 'reverted', 'superseded'));
alter table chain_outbox add constraint chain_outbox_end_check
  check ((state in ('final', 'reverted', 'superseded')) = (final_at is not null));
alter table chain_outbox add constraint chain_outbox_proof_check
  check (state not in ('final', 'reverted') or (block_number is not null and fee is not null));
alter table chain_outbox add column invalid_since timestamptz;
comment on column chain_outbox.invalid_since is 'Since when the node calls these bytes invalid, without a word in between that it takes them.';

create or replace function refuse_change_of_end_state() returns trigger language plpgsql as $$
begin
  if old.state in ('final', 'reverted', 'superseded') and (new.*) is distinct from (old.*) then
    raise exception '% % is % and cannot change.', tg_table_name, old.id, old.state using errcode = 'check_violation';
  end if;
  return new;
end $$;

-- The same table as `transition` in transfers/transfer.ts, which a test compares with this one.
create function refuse_wrong_transition() returns trigger language plpgsql as $$
begin
  if (old.state, new.state) not in (
    ('gas_wait', 'signed'), ('signed', 'broadcast'),
    ('signed', 'final'), ('signed', 'reverted'), ('signed', 'superseded'),
    ('broadcast', 'final'), ('broadcast', 'reverted'), ('broadcast', 'superseded')
  ) then
    raise exception 'Outbox row % cannot go from % to %.', old.id, old.state, new.state using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger chain_outbox_transition before update on chain_outbox
  for each row when (old.state is distinct from new.state) execute function refuse_wrong_transition();

-- Append-only. The signing ledger of a nonce is its outbox row and at most this row.
create table chain_cancels (
  outbox_id uuid primary key references chain_outbox (id),
  raw bytea not null,
  hash bytea not null unique check (length(hash) = 32),
  fee_max numeric(78, 0) not null check (fee_max >= 0),
  created_at timestamptz not null
);
comment on table chain_cancels is 'A transaction of the same nonce that does nothing, for bytes that the node calls invalid for good.';

-- `outflow_stop_of` comes with a later migration: a body is read when it runs.
create function refuse_needless_cancel() returns trigger language plpgsql as $$
declare
  cancelled chain_outbox;
  stop text;
begin
  select * into cancelled from chain_outbox
  where id = new.outbox_id and state in ('signed', 'broadcast') and invalid_since is not null;
  if not found then
    raise exception 'Outbox row % is not one whose bytes the node calls invalid.', new.outbox_id using errcode = 'check_violation';
  end if;
  stop := outflow_stop_of(cancelled.purpose, cancelled.source_id, cancelled.wallet_id);
  if stop is not null then
    raise exception 'Nothing is signed for wallet %: outflow is stopped (%).', cancelled.wallet_id, stop
      using errcode = 'check_violation', constraint = 'outflow_stopped', detail = stop;
  end if;
  return new;
end $$;
create trigger chain_cancels_needed before insert on chain_cancels for each row execute function refuse_needless_cancel();
grant select, insert on chain_cancels to jigeum_app;

alter table wallets add column needs_cancel boolean not null default false;
comment on column wallets.needs_cancel is 'A row of it waits for a cancel, which is signed when its key is open next.';
alter table wallets add column gas_unsure boolean not null default false;
comment on column wallets.gas_unsure is 'The chain may have less or more coin than gas_available says; the job refill-gas compares them.';

alter table gas_grant_days add column grants int not null default 0 check (grants >= 0);
comment on column gas_grant_days.grants is 'How many grants the sum is made of: each cost its sender a fee besides.';
-- For whoever watches a day's budgets. `granted` stands in no index, so that reserving costs none.
create index gas_grant_days_day on gas_grant_days (on_day);
-- Coin that is on its way to a wallet: what the chain says of its coin cannot be taken over before.
create index gas_grants_accepted on gas_grants (wallet_id) where state = 'accepted';
