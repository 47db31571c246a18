-- Webhooks: who is told when a transfer has ended, and each telling until it has arrived.

create table webhook_endpoints (
  id uuid primary key,
  url text not null check (length(url) between 8 and 2000),
  created_at timestamptz not null,
  disabled_at timestamptz,
  failures int not null default 0 check (failures >= 0),
  failing_since timestamptz,
  next_try_at timestamptz,
  check ((failures = 0) = (failing_since is null))
);
create unique index webhook_endpoints_url on webhook_endpoints (url) where disabled_at is null;
comment on column webhook_endpoints.failures is 'The breaker: rounds of tries in a row of which none was accepted.';
comment on column webhook_endpoints.next_try_at is 'While the breaker is open: no try before.';

-- The newest secret has no end. Those before it go on signing beside it for a while, so that a receiver can change over.
create table webhook_secrets (
  endpoint_id uuid not null references webhook_endpoints (id),
  number int not null check (number >= 1),
  sealed bytea not null check (length(sealed) between 29 and 200),
  made_at timestamptz not null,
  signs_until timestamptz,
  primary key (endpoint_id, number)
);
create unique index webhook_secrets_newest on webhook_secrets (endpoint_id) where signs_until is null;

create table webhook_deliveries (
  id uuid primary key,
  endpoint_id uuid not null references webhook_endpoints (id),
  type text not null check (type ~ '^[a-z]+[.][a-z]+$'),
  subject_id uuid not null,
  sequence int not null check (sequence >= 1),
  body text not null check (octet_length(body) between 2 and 16384),
  state text not null default 'pending' check (state in ('pending', 'delivered', 'given_up')),
  attempts int not null default 0 check (attempts >= 0),
  next_attempt_at timestamptz not null,
  tries_end_at timestamptz not null,
  last_status int,
  last_error text check (length(last_error) <= 300),
  created_at timestamptz not null,
  ended_at timestamptz,
  unique (endpoint_id, subject_id, sequence),
  check ((state = 'pending') = (ended_at is null))
);
comment on column webhook_deliveries.id is 'The header webhook-id: made of endpoint, subject and sequence, so that it is the same for ever.';
comment on column webhook_deliveries.sequence is 'Of the subject, from 1 without gaps: tries of a later one wait for the earlier.';
comment on column webhook_deliveries.body is 'What is sent and signed, byte for byte, in every try.';
comment on column webhook_deliveries.tries_end_at is 'A try that fails after this is the last one.';
create index webhook_deliveries_due on webhook_deliveries (endpoint_id, next_attempt_at) where state = 'pending';
create index webhook_deliveries_ended on webhook_deliveries (ended_at) where state <> 'pending';
create index webhook_deliveries_newest on webhook_deliveries (created_at desc, id desc);

create function refuse_loss_of_webhook() returns trigger language plpgsql as $$
begin
  raise exception 'The delivery % is pending and cannot be deleted.', old.id using errcode = 'check_violation';
end $$;
create trigger webhook_deliveries_keep before delete on webhook_deliveries
  for each row when (old.state = 'pending') execute function refuse_loss_of_webhook();

grant select, insert on webhook_endpoints, webhook_secrets, webhook_deliveries to jigeum_app;
grant update (disabled_at, failures, failing_since, next_try_at) on webhook_endpoints to jigeum_app;
grant update (signs_until), delete on webhook_secrets to jigeum_app;
grant update (state, attempts, next_attempt_at, tries_end_at, last_status, last_error, ended_at) on webhook_deliveries to jigeum_app;
grant delete on webhook_deliveries to jigeum_app;
