-- The index is a copy of the chain: it is emptied here and fills itself again from block 0, now with contracts whose names the decoder
-- refused before, and with every character written out that cannot be seen.
truncate scan_blocks, scan_transactions, scan_parties, scan_tokens, scan_holders, scan_items, scan_item_owners;
update scan_totals set transaction_count = 0;
