-- Accepting a payment, without a row that all payments to one wallet would queue for.

-- What is on its way to a wallet is the sum of the accepted transfers to it; the index holds all that the sum needs.
alter table balances drop column incoming;
create index transfers_incoming on transfers (payee_wallet_id, token_id) include (amount) where state = 'accepted';

-- Rows that each payment changes in place: room in their pages keeps the new version beside the old one, and out of the indexes.
alter table balances set (fillfactor = 50);
alter table wallets set (fillfactor = 50);
alter table members set (fillfactor = 70);

-- An event is a hint that lives for a week. Checking its member would lock the row of a seller whom everybody pays.
alter table event_outbox drop constraint event_outbox_member_id_fkey;
