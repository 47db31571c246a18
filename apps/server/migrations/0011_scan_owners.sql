-- How many items of a contract each owner has, kept by difference: counting all items anew cost more with each of them.

create table scan_item_owners (
  contract bytea not null,
  owner bytea not null,
  items bigint not null,
  primary key (contract, owner)
);
comment on table scan_item_owners is 'Of the public index, derived from scan_items. An owner without items has no row.';

insert into scan_item_owners (contract, owner, items)
  select contract, owner, count(*) from scan_items where owner is not null group by contract, owner;

grant select, insert, update, delete on scan_item_owners to jigeum_app;
grant select on scan_item_owners to jigeum_scan;
