-- The scanner's index anew: bytes instead of text, block headers and seals, tokens to search in, counts that are kept
-- instead of counted; and a role for the public pages that can read this index and nothing else.
-- The index is a copy of the chain: it is dropped here and fills itself again from block 0.

drop table scan_parties, scan_transactions, scan_holders, scan_blocks;

create table scan_blocks (
  number bigint primary key,
  hash bytea not null unique check (length(hash) = 32),
  parent_hash bytea not null check (length(parent_hash) = 32),
  at timestamptz not null,
  transaction_count int not null check (transaction_count >= 0),
  -- As the chain encodes it: what it says is read when somebody looks.
  header bytea not null,
  seal bytea,
  size int not null
);
-- A header is mostly zeros (its bloom): an empty block a second would fill a disk with them.
alter table scan_blocks set (toast_tuple_target = 256);

create table scan_transactions (
  block_number bigint not null,
  position int not null,
  hash bytea not null unique check (length(hash) = 32),
  -- Never searched in, so never parsed by the database.
  content json not null,
  raw bytea,
  primary key (block_number, position)
);

-- Which addresses a transaction concerns: sender, receiver, token contract, the two sides of a call. No foreign keys: one
-- transaction of the database writes a block whole, and checking each row would cost as much as writing it.
create table scan_parties (
  address bytea not null,
  block_number bigint not null,
  position int not null,
  primary key (address, block_number, position)
);

create table scan_tokens (
  contract bytea primary key,
  type text not null,
  name text not null,
  symbol text not null,
  creator bytea not null,
  owner bytea not null,
  state text not null,
  state_code text not null,
  supply numeric(78, 0) not null,
  -- The block and place of its first call in the index: the order of lists.
  block_number bigint not null,
  position int not null,
  holder_count bigint not null default 0 check (holder_count >= 0),
  call_count bigint not null default 0 check (call_count >= 0)
);
create index scan_tokens_symbol on scan_tokens (lower(symbol) text_pattern_ops);
create index scan_tokens_name on scan_tokens (lower(name) text_pattern_ops);
create index scan_tokens_rank on scan_tokens (holder_count desc, contract);

create table scan_holders (
  contract bytea not null,
  address bytea not null,
  balance numeric(78, 0) not null check (balance > 0),
  primary key (contract, address)
);
create index scan_holders_rank on scan_holders (contract, balance desc, address);
create index scan_holders_address on scan_holders (address, contract);

-- One row: counting a million transactions for each visitor would cost a second.
create table scan_totals (
  is_only boolean primary key default true check (is_only),
  transaction_count bigint not null
);
insert into scan_totals (transaction_count) values (0);

grant select, insert, update, delete on
  scan_blocks, scan_transactions, scan_parties, scan_tokens, scan_holders to jigeum_app;
grant select, update on scan_totals to jigeum_app;

-- The role of the public pages. Of the platform's own tables it sees how a token is written, which its pages show anyway.

do $$ begin
  if not exists (select from pg_roles where rolname = 'jigeum_scan') then
    create role jigeum_scan nologin;
  end if;
end $$;
grant usage on schema public to jigeum_scan;
grant select on
  scan_blocks, scan_transactions, scan_parties, scan_tokens, scan_holders, scan_totals to jigeum_scan;
grant select (contract, symbol, decimals) on tokens to jigeum_scan;
-- The server's login changes to it where the pages have no login of their own.
grant jigeum_scan to jigeum_app;
