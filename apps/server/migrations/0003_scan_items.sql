-- Items and coupons: things that are held one by one, each with an owner.

create table scan_items (
  contract bytea not null,
  item bigint not null,
  owner bytea,
  -- What the chain says of it, by the protocol's field names.
  content json not null,
  primary key (contract, item)
);
create index scan_items_owner on scan_items (owner, contract, item);

grant select, insert, update, delete on scan_items to jigeum_app;
grant select on scan_items to jigeum_scan;

-- The index is a copy of the chain: it is emptied here and fills itself again from block 0, now with items.
truncate scan_blocks, scan_transactions, scan_parties, scan_tokens, scan_holders;
update scan_totals set transaction_count = 0;
