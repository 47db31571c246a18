-- Receipts: made once for a final transfer, then the same bytes for ever; and the public keys by which they are checked.

-- Every key that ever signed: a receipt must be checkable after its key was exchanged.
create table receipt_issuer_keys (
  key_id bytea primary key check (length(key_id) = 32),
  public_key bytea not null unique check (length(public_key) = 32),
  first_used_at timestamptz not null
);
comment on column receipt_issuer_keys.key_id is 'SHA-256 of the public key.';

-- Every key whose seal stands in a receipt.
create table receipt_sealers (
  key_hash bytea primary key check (length(key_hash) = 20),
  sym_id text not null check (sym_id ~ '^0x[0-9a-f]{20}$'),
  first_seen_at timestamptz not null
);

create table receipts (
  transfer_id uuid primary key references transfers (id),
  issuer_key_id bytea not null references receipt_issuer_keys (key_id),
  sealer_key_hash bytea not null references receipt_sealers (key_hash),
  memo_salt bytea not null check (length(memo_salt) = 32),
  file text not null check (octet_length(file) between 1000 and 16384),
  made_at timestamptz not null
);
comment on column receipts.file is 'The signed file, byte for byte as it is handed out.';
comment on column receipts.memo_salt is 'Shown to payer and payee only: with it the memo can be checked against the file.';

create function refuse_change_of_receipts() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only.', tg_table_name using errcode = 'insufficient_privilege';
end $$;
create trigger receipts_append_only before update or delete or truncate on receipts
  for each statement execute function refuse_change_of_receipts();
create trigger receipt_issuer_keys_append_only before update or delete or truncate on receipt_issuer_keys
  for each statement execute function refuse_change_of_receipts();
create trigger receipt_sealers_append_only before update or delete or truncate on receipt_sealers
  for each statement execute function refuse_change_of_receipts();

grant select, insert on receipts, receipt_issuer_keys, receipt_sealers to jigeum_app;
