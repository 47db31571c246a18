/** Fills the index of the scanner with a long chain by SQL: rows of real shapes above the blocks that a node has made. */
import type pg from 'pg';

export interface FilledChain {
  readonly newestBlock: number;
  /** Of the newest block. */
  readonly transactionHash: string;
}

interface Filling {
  readonly transactions: number;
  readonly accounts: number;
  /** A token that exists; most transactions move it. */
  readonly contract: string;
  /** An account that exists; it sends one in a hundred. */
  readonly symId: string;
}

const PER_BLOCK = 1_000;
const OTHER_TOKENS = 300;
/** Far above what the node makes in the meantime, so that the index job finds nothing to add. */
const FIRST_BLOCK = 1_000_000;

/** Takes a minute or two for a million transactions. */
export async function fillIndex(owner: pg.Client, filling: Filling): Promise<FilledChain> {
  const { transactions, accounts } = filling;
  const blocks = Math.ceil(transactions / PER_BLOCK);
  const contract = Buffer.from(filling.contract.slice(2), 'hex');
  await owner.query('set synchronous_commit = off');
  await owner.query(
    `insert into scan_blocks (number, hash, parent_hash, at, transaction_count, header, seal, size)
     select $1 + b, sha256(('block ' || b)::bytea), sha256(('block ' || b - 1)::bytea),
       now() - make_interval(secs => $2 - b), $3, old.header, sha256('r') || sha256('s'), 160000
     from generate_series(1, $2) as b,
       (select header from scan_blocks where number > 0 order by number limit 1) as old`,
    [FIRST_BLOCK, blocks, PER_BLOCK],
  );
  const accountOf = (number: string): string => `'0x0003' || lpad(to_hex(${number}), 12, '0') || '0002'`;
  await owner.query(
    `create temporary table filling as
     select $1 + 1 + i / $2 as block_number, (i % $2)::int as position,
       case when i % 100 = 0 then $4 else ${accountOf('100 + (hashint8(i) & 2147483647) % $3')} end as sender,
       ${accountOf('100 + (hashint8(i + 7919) & 2147483647) % $3')} as receiver, i
     from generate_series(0::bigint, $5 - 1) as i`,
    [FIRST_BLOCK, PER_BLOCK, accounts, filling.symId, transactions],
  );
  await owner.query(
    `insert into scan_transactions (block_number, position, hash, content, raw)
     select block_number, position, sha256(('transaction ' || i)::bytea),
       json_build_object('from', sender, 'to', $1::text, 'nonce', i % 1000, 'value', '0', 'kind', 'sct',
         'isSuccess', i % 50 <> 0, 'errorCode', case when i % 50 = 0 then 2000 end, 'fee', '6724000000000000',
         'gasUsed', 67240, 'call', json_build_object('template', 'sct20', 'method', 'TRANSFER', 'contract', $1::text,
           'from', sender, 'to', receiver, 'amount', (i + 1)::text || '000000000000000000',
           'args', json_build_object('to', receiver, 'amount', (i + 1)::text || '000000000000000000'))),
       sha256(i::text::bytea) || sha256('a') || sha256('b') || sha256('c') || sha256('d')
     from filling`,
    [filling.contract],
  );
  await owner.query(
    `insert into scan_parties (address, block_number, position)
     select decode(substr(address, 3), 'hex') as address, block_number, position
     from filling, lateral (select sender as address union select receiver union select $1) as each order by 1`,
    [filling.contract],
  );
  await owner.query(
    `insert into scan_holders (contract, address, balance)
     select $1::bytea, decode(substr(${accountOf('100 + n')}, 3), 'hex'), (1 + (hashint8(n) & 2147483647))::numeric * 1000000000000000
     from generate_series(0::bigint, $2 - 1) as n on conflict do nothing`,
    [contract, accounts],
  );
  await owner.query(
    `insert into scan_tokens (contract, type, name, symbol, creator, owner, state, state_code, supply, block_number, position,
       holder_count, call_count)
     select '\\xff'::bytea || substr(sha256(('token ' || n)::bytea), 1, 9), 'sct20', 'Token number ' || n, 'TOK' || n,
       substr(sha256('c'), 1, 10), substr(sha256('o'), 1, 10), 'active', '0x0', 1000000, 1, 0, n, n
     from generate_series(1, $1) as n`,
    [OTHER_TOKENS],
  );
  await owner.query(
    `update scan_tokens set call_count = call_count + $2,
       holder_count = (select count(*) from scan_holders where contract = $1) where contract = $1`,
    [contract, transactions],
  );
  await owner.query('update scan_totals set transaction_count = transaction_count + $1', [transactions]);
  await owner.query('vacuum (analyze) scan_blocks, scan_transactions, scan_parties, scan_holders, scan_tokens');
  const { rows } = await owner.query<{ hash: string }>(
    `select '0x' || encode(hash, 'hex') as hash from scan_transactions order by block_number desc, position desc limit 1`,
  );
  return { newestBlock: FIRST_BLOCK + blocks, transactionHash: rows[0]!.hash };
}
