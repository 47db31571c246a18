-- The audit log: one row for each act of privilege or value, written in the transaction of the act, and the chain that
-- makes any later change of it visible (docs/protocol/audit-log.md).

-- Rows carry an HMAC of the application, so whoever has only the database can neither write nor change one unseen.
create table audit_log (
  id uuid primary key,
  at timestamptz not null,
  actor text not null check (actor ~ '^[a-z]+(:[A-Za-z0-9._-]+)?$'),
  act text not null check (act ~ '^[a-z]+[.][a-z-]+$'),
  subject uuid,
  request text not null default '' check (request ~ '^[0-9a-f]*$'),
  facts text not null check (facts ~ '^[{].*[}]$' and facts !~ '[\n\r]'),
  mac bytea not null check (length(mac) = 32),
  trx xid8 not null default pg_current_xact_id()
);
comment on column audit_log.actor is 'member:<uuid>, operator, job:<name>, bank, check, or nobody.';
comment on column audit_log.subject is 'What it was done to; the act says of which kind: a transfer, a charge, a member, a wallet.';
comment on column audit_log.request is 'The id of the HTTP request, as in the log; empty where a job acted.';
comment on column audit_log.facts is 'Canonical JSON: sorted keys, no spaces. Nothing about a person, no secret.';
comment on column audit_log.trx is 'The transaction that wrote it: tells the chaining job what it has seen.';
create index audit_log_trx on audit_log (trx);
create index audit_log_subject on audit_log (subject, id) where subject is not null;
create index audit_log_actor on audit_log (actor, id);

-- The chain over the rows, in the order in which their transactions were seen to have ended. No gaps: a missing number is
-- a deleted link. No foreign key: checking it would lock, and so rewrite, each row of the log.
create table audit_links (
  seq bigint primary key check (seq > 0),
  row_id uuid not null unique,
  hash bytea not null check (length(hash) = 32),
  mac bytea not null check (length(mac) = 32)
);

create table audit_checkpoints (
  number bigint primary key check (number > 0),
  seq bigint not null unique check (seq > 0),
  link_hash bytea not null check (length(link_hash) = 32),
  at timestamptz not null,
  previous bytea not null check (length(previous) = 32),
  public_key bytea not null check (length(public_key) = 32),
  signature bytea not null check (length(signature) = 64)
);
comment on column audit_checkpoints.previous is 'Hash of the checkpoint before; zeros in the first.';

-- What the chaining job has seen. Its row's lock decides which process chains. Nothing is proven by it: a row that it
-- passes over has no link, and that is found.
create table audit_progress (
  is_only boolean primary key default true check (is_only),
  seen text,
  cluster text
);
insert into audit_progress default values;
comment on column audit_progress.seen is 'The snapshot (pg_snapshot) of the newest chained rows; null before the first.';
comment on column audit_progress.cluster is 'The database cluster that the snapshot belongs to: transaction ids of another mean nothing.';

-- A checkpoint is written on the chain by a transaction of the treasury to itself. Its source is the checkpoint.
alter table chain_outbox drop constraint chain_outbox_purpose_check;
alter table chain_outbox add constraint chain_outbox_purpose_check
  check (purpose in ('transfer', 'gas_grant', 'token_operation', 'anchor'));
create view audit_anchors as
  select source_id, hash, state, block_number from chain_outbox where purpose = 'anchor';

create function refuse_change_of_audit() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only.', tg_table_name using errcode = 'insufficient_privilege';
end $$;
create trigger audit_log_append_only before update or delete or truncate on audit_log
  for each statement execute function refuse_change_of_audit();
create trigger audit_links_append_only before update or delete or truncate on audit_links
  for each statement execute function refuse_change_of_audit();
create trigger audit_checkpoints_append_only before update or delete or truncate on audit_checkpoints
  for each statement execute function refuse_change_of_audit();

grant select on audit_log, audit_links, audit_checkpoints, audit_anchors, audit_progress to jigeum_app;
grant insert (id, at, actor, act, subject, request, facts, mac) on audit_log to jigeum_app;
grant insert on audit_links, audit_checkpoints to jigeum_app;
grant update (seen, cluster) on audit_progress to jigeum_app;

-- Whoever checks the log and nothing else.
do $$ begin
  if not exists (select from pg_roles where rolname = 'jigeum_auditor') then
    create role jigeum_auditor nologin;
  end if;
end $$;
grant usage on schema public to jigeum_auditor;
grant select on audit_log, audit_links, audit_checkpoints, audit_anchors to jigeum_auditor;
