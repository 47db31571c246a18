-- What an operator must look at, and what stops signing. Neither is ever deleted: the rows are the history.

create table alarms (
  id uuid primary key,
  kind text not null check (kind ~ '^[a-z][a-z-]{2,39}$'),
  subject text not null check (length(subject) between 1 and 200),
  detail text not null check (length(detail) between 1 and 2000),
  times int not null default 1 check (times >= 1),
  raised_at timestamptz not null,
  last_seen_at timestamptz not null,
  acknowledged_at timestamptz,
  acknowledged_by text,
  acknowledge_reason text,
  resolved_at timestamptz,
  resolved_by text,
  resolve_reason text,
  check ((acknowledged_at is null) = (acknowledged_by is null) and (acknowledged_at is null) = (acknowledge_reason is null)),
  check ((resolved_at is null) = (resolved_by is null) and (resolved_at is null) = (resolve_reason is null))
);
-- One open alarm for each thing: whoever sees it again counts it.
create unique index alarms_open on alarms (kind, subject) where resolved_at is null;
create index alarms_newest on alarms (raised_at desc, id desc);
comment on column alarms.subject is 'What it is about, in our own ids: never a name or a phone number.';

-- Why nothing is signed for the platform, a token or a wallet. A frozen wallet is a stop of scope wallet.
create table outflow_stops (
  id uuid primary key,
  scope text not null check (scope in ('platform', 'token', 'wallet')),
  token_id uuid references tokens (id),
  wallet_id uuid references wallets (id),
  cause text not null check (cause in ('operator', 'mismatch', 'quarantine')),
  reason text not null check (length(reason) between 1 and 2000),
  stopped_by text not null,
  stopped_at timestamptz not null,
  lifted_by text,
  lifted_at timestamptz,
  lift_reason text,
  check ((scope = 'token') = (token_id is not null) and (scope = 'wallet') = (wallet_id is not null)),
  check (cause <> 'quarantine' or scope = 'platform'),
  check ((lifted_at is null) = (lifted_by is null) and (lifted_at is null) = (lift_reason is null))
);
-- One open stop for each cause: lifting the operator's leaves the reconciler's.
create unique index outflow_stops_open_platform on outflow_stops (cause) where lifted_at is null and scope = 'platform';
create unique index outflow_stops_open_token on outflow_stops (token_id, cause) where lifted_at is null and scope = 'token';
create unique index outflow_stops_open_wallet on outflow_stops (wallet_id, cause) where lifted_at is null and scope = 'wallet';
create index outflow_stops_newest on outflow_stops (stopped_at desc, id desc);

create function refuse_change_of_ended_row() returns trigger language plpgsql as $$
begin
  if to_jsonb(old) ->> tg_argv[0] is not null and (new.*) is distinct from (old.*) then
    raise exception '% % has ended and cannot change.', tg_table_name, old.id using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger alarms_end before update on alarms
  for each row execute function refuse_change_of_ended_row('resolved_at');
create trigger outflow_stops_end before update on outflow_stops
  for each row execute function refuse_change_of_ended_row('lifted_at');

-- What stops this signature: quarantine, platform, token or wallet (the payer's own); null where nothing does.
--
-- It is asked before a signature is made and again when its bytes are stored. The caller holds the rows of the wallets
-- concerned, and a freeze takes the wallet's row too; a stop of more than one wallet waits, after its commit, for the lock
-- that is shared here (`drain` in the module protection). It must stay volatile: then each statement inside sees what was
-- committed before it, and not before the statement around it. So once a freeze or a stop has returned, no later signature
-- exists (INV-11).
create function outflow_stop_of(p_purpose text, p_source_id uuid, p_wallet_id uuid) returns text
language plpgsql volatile as $$
declare
  operation_kind text;
  moved_token uuid;
  granted_wallet uuid;
begin
  perform pg_advisory_xact_lock_shared(4, 11);
  if exists (select from outflow_stops where scope = 'platform' and lifted_at is null and cause = 'quarantine') then
    return 'quarantine';
  end if;
  -- An anchor of the audit log moves nothing, and is worth most while something is wrong.
  if p_purpose = 'anchor' then
    return null;
  end if;
  if p_purpose = 'token_operation' then
    select kind, token_id into operation_kind, moved_token from token_operations where id = p_source_id;
    -- To pause a token is to stop it.
    if operation_kind = 'pause' then
      return null;
    end if;
  end if;
  if exists (select from outflow_stops where scope = 'platform' and lifted_at is null) then
    return 'platform';
  end if;
  if exists (select from outflow_stops where scope = 'wallet' and lifted_at is null and wallet_id = p_wallet_id) then
    -- Where the treasury is stopped, nobody's own wallet is.
    return case p_purpose when 'gas_grant' then 'platform' else 'wallet' end;
  end if;
  if p_purpose = 'gas_grant' then
    select wallet_id into granted_wallet from gas_grants where id = p_source_id;
    if exists (
      select from outflow_stops where scope = 'wallet' and lifted_at is null and wallet_id = granted_wallet
    ) then
      return 'wallet';
    end if;
  end if;
  if p_purpose not in ('gas_grant', 'anchor') and exists (select from outflow_stops where scope = 'token' and lifted_at is null) then
    if p_purpose = 'transfer' then
      select token_id into moved_token from transfers where id = p_source_id;
    end if;
    -- A token that cannot be told is taken for the stopped one.
    if moved_token is null or exists (
      select from outflow_stops where scope = 'token' and lifted_at is null and token_id = moved_token
    ) then
      return 'token';
    end if;
  end if;
  return null;
end $$;

create function refuse_stopped_outflow() returns trigger language plpgsql as $$
declare
  stop text := outflow_stop_of(new.purpose, new.source_id, new.wallet_id);
begin
  if stop is not null then
    raise exception 'Nothing is signed for wallet %: outflow is stopped (%).', new.wallet_id, stop
      using errcode = 'check_violation', constraint = 'outflow_stopped', detail = stop;
  end if;
  return new;
end $$;
create trigger chain_outbox_stopped before insert on chain_outbox
  for each row execute function refuse_stopped_outflow();

grant select, insert on alarms, outflow_stops to jigeum_app;
grant update (detail, times, last_seen_at, acknowledged_at, acknowledged_by, acknowledge_reason,
              resolved_at, resolved_by, resolve_reason) on alarms to jigeum_app;
grant update (lifted_at, lifted_by, lift_reason) on outflow_stops to jigeum_app;
