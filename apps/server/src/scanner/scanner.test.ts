import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ChainUnreachable, type ChainDriver } from '@jigeum/chain';
import { openKeystore, parseKeystore } from '@jigeum/keystore';
import { fromHex0x } from '@jigeum/std';
import {
  encodeSct30,
  estimateGas,
  GAS_PRICE_HUG,
  HUG_PER_SYM,
  parseSymId,
  readTransactionProof,
  signTransaction,
  TRANSACTION_TYPE,
  verifyTransactionProof,
  type UnsignedTransaction,
} from '@jigeum/symverse';
import { nativeCrypto } from '@jigeum/symverse/native';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestPlatform, SUPPLY, type TestMember, type TestPlatform } from '../transfers/testing.ts';
import { scanJob } from './index-job.ts';
import { scanOverview } from './overview.ts';
import { scanChain, scanProof } from './proof.ts';
import { scanBlock, scanBlocks, scanTransaction, scanTransactions } from './reads.ts';
import { scanSearch } from './search.ts';
import {
  scanAccount,
  scanAccountItems,
  scanAccountTokens,
  scanHolders,
  scanItems,
  scanToken,
  scanTokens,
} from './token-reads.ts';

let platform: TestPlatform;
let payer: TestMember;
let payee: TestMember;
let hash: string;
const EST = 10n ** 18n;
const never = new AbortController().signal;

beforeAll(async () => {
  platform = await startTestPlatform();
  payer = await platform.join('scanned');
  payee = await platform.join('scannee');
  await platform.fund(payer, 100n * EST);
  const transferId = await platform.pay(payer, payee, 40n * EST);
  await platform.settle();
  const { rows } = await sql<{ hash: Buffer }>`
    select hash from chain_outbox where source_id = ${transferId}
  `.execute(platform.deps.db);
  hash = `0x${rows[0]!.hash.toString('hex')}`;
  await index();
});
afterAll(() => platform.stop());

interface Party {
  address: string;
  privateKey: Uint8Array;
}
type Shape = Pick<UnsignedTransaction, 'to' | 'input' | 'type' | 'value'>;

/** Signs, sends and waits until it is mined. */
async function send(from: Party, shape: Shape): Promise<{ contract: string | null }> {
  const { chain } = platform.deps;
  const { raw, hash: bytes } = signTransaction(
    {
      ...shape,
      from: parseSymId(from.address),
      nonce: BigInt(await chain.finalNonce(from.address)),
      gasPrice: GAS_PRICE_HUG,
      gas: estimateGas(shape),
      workNodes: [parseSymId('0x00010000000000010002')],
      extraData: new Uint8Array(0),
    },
    BigInt(chain.chainId),
    from.privateKey,
    nativeCrypto,
  );
  expect(await chain.broadcast([raw])).toEqual([{ kind: 'accepted' }]);
  await expect.poll(async () => (await chain.outcomes([bytes]))[0]!.kind).toBe('final');
  const [outcome] = await chain.outcomes([bytes]);
  expect(outcome).toMatchObject({ isSuccess: true });
  return outcome as { contract: string | null };
}

/** Creating a contract costs more than a member's gas: coin straight from the platform's treasury, behind its back. */
async function giveCoin(): Promise<void> {
  const file = parseKeystore(await readFile(join(platform.deps.config.platformKeystoreDir, 'treasury.json'), 'utf8'));
  const privateKey = await openKeystore({ file, passphrase: new TextEncoder().encode('a passphrase of the platform') });
  const treasury = { address: `0x${file.address!.replace(/^0x/, '')}`, privateKey };
  const [to, type] = [parseSymId(payer.address), TRANSACTION_TYPE.general];
  await send(treasury, { to, type, input: new Uint8Array(0), value: 5n * HUG_PER_SYM });
}

/** A call of the payer's own. The address of the contract that it called or made. */
async function call(contract: string | null, input: Uint8Array): Promise<string> {
  const to = contract === null ? null : parseSymId(contract);
  const made = await send(payer, { to, input, type: TRANSACTION_TYPE.sct, value: 0n });
  return contract ?? made.contract!;
}

async function index() {
  const job = scanJob(platform.deps);
  while ((await job.run(never)) === 'more');
}

describe('the index', () => {
  it('holds every block of the chain, once and in order, however often and by however many it is run', async () => {
    await platform.pay(payer, payee, EST);
    await platform.settle();
    await Promise.all([index(), index(), index()]);
    const { rows } = await sql<{ count: bigint; first: bigint; last: bigint }>`
      select count(*) as count, min(number) as first, max(number) as last from scan_blocks
    `.execute(platform.deps.db);
    const head = await platform.deps.chain.head();
    expect(rows[0]).toEqual({ count: BigInt(head.number + 1), first: 0n, last: BigInt(head.number) });
  });

  it('stops where the node has another history', async () => {
    const other = {
      ...platform.deps,
      chain: {
        ...platform.deps.chain,
        head: async () => ({ ...(await platform.deps.chain.head()), number: 1_000_000 }),
        block: async (number: number) => ({
          number,
          hash: `0x${'1'.repeat(64)}`,
          parentHash: `0x${'2'.repeat(64)}`,
          atMs: 0,
          header: '0xc0',
          seal: null,
          size: 1,
          transactions: [],
        }),
      },
    };
    await expect(scanJob(other).run(never)).rejects.toThrow('The node has another history than the index.');
  });
});

describe('the public pages', () => {
  it('show a payment with its call, its fee and its token', async () => {
    const contract = await platform.contract();
    expect(await scanTransaction(platform.deps, hash)).toMatchObject({
      hash,
      state: 'final',
      kind: 'sct',
      from: payer.address,
      to: contract,
      call: {
        template: 'sct20',
        method: 'TRANSFER',
        tokenSymbol: 'EST',
        tokenDecimals: 18,
        contract,
        from: payer.address,
        to: payee.address,
        amount: 40n * EST,
      },
      error: null,
      rawTransaction: expect.stringMatching(/^0x[0-9a-f]+$/),
    });
  });

  it('show a transaction that is not indexed yet, and refuse one that nobody knows', async () => {
    const transferId = await platform.pay(payer, payee, EST);
    await platform.settle();
    const { rows } = await sql<{ hash: Buffer }>`
      select hash from chain_outbox where source_id = ${transferId}
    `.execute(platform.deps.db);
    const unindexed = `0x${rows[0]!.hash.toString('hex')}`;
    let asked = 0;
    const read = () => scanTransaction(platform.deps, unindexed, () => void asked++);
    expect(await read()).toMatchObject({ state: 'final', blockNumber: expect.any(Number), position: null, at: null });
    expect(asked).toBe(1);
    await index();
    expect(await read()).toMatchObject({ state: 'final', position: expect.any(Number), at: expect.any(String) });
    expect(asked).toBe(1);
    await expect(scanTransaction(platform.deps, `0x${'e'.repeat(64)}`)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('go on after the largest place that there can be, and refuse a cursor that is none of theirs', async () => {
    const cursorOf = (...values: string[]) => Buffer.from(JSON.stringify(values)).toString('base64url');
    const page = (cursor: string) => scanTransactions(platform.deps, { cursor, limit: 2 });
    const { items } = await page(cursorOf(String(Number.MAX_SAFE_INTEGER), '2147483647'));
    expect(items).toHaveLength(2);
    const contract = await platform.contract();
    await expect(
      scanItems(platform.deps, { contract, cursor: cursorOf('4294967294'), limit: 2 }),
    ).resolves.toMatchObject({ items: [] });
    for (const values of [['9007199254740992', '0'], ['1', '2147483648'], ['01', '0'], ['-1', '0'], ['1']])
      await expect(page(cursorOf(...values))).rejects.toMatchObject({ code: 'request-invalid' });
  });

  it('show an account’s balances and history, page by page', async () => {
    await index();
    const first = await scanAccount(platform.deps, { symId: payee.address, cursor: undefined, limit: 2 });
    expect(first.citizen).toMatchObject({ isPhoneVerified: true });
    expect(first.tokens).toEqual([
      {
        contract: await platform.contract(),
        symbol: 'EST',
        name: 'eSportsToken',
        decimals: 18,
        balance: await platform.onChain(payee.address),
      },
    ]);
    expect(first.tokensCursor).toBeNull();
    expect(first.transactions).toHaveLength(2);
    const second = await scanAccount(platform.deps, { symId: payee.address, cursor: first.nextCursor!, limit: 100 });
    const seen = [...first.transactions, ...second.transactions].map((each) => each.hash);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toContain(hash);
    await expect(
      scanAccount(platform.deps, { symId: '0x00020000000009990002', cursor: undefined, limit: 2 }),
    ).rejects.toMatchObject({ code: 'not-found' });
  });

  it('show what an account holds page by page, however much it is', async () => {
    const contracts = Array.from({ length: 45 }, (_, index) => `0xff${index.toString(16).padStart(18, '0')}`);
    const address = '0x00020000000007770002';
    const bytesOf = (hexes: readonly string[]) => hexes.map((hex) => Buffer.from(hex.slice(2), 'hex'));
    const { db } = platform.deps;
    await sql`
      insert into scan_holders (contract, address, balance)
      select contract, ${bytesOf([address])[0]}, 7 from unnest(${bytesOf(contracts)}::bytea[]) as contract
    `.execute(db);
    await sql`
      insert into scan_items (contract, item, owner, content)
      select contract, item, ${bytesOf([address])[0]}, '{}'
      from unnest(${bytesOf(contracts.slice(0, 3))}::bytea[]) as contract, generate_series(0, 9) as item
    `.execute(db);
    try {
      const account = await scanAccount(platform.deps, { symId: address, cursor: undefined, limit: 2 });
      const tokens = [...account.tokens];
      for (let cursor = account.tokensCursor; cursor !== null;) {
        const page = await scanAccountTokens(platform.deps, { symId: address, cursor, limit: 10 });
        tokens.push(...page.items);
        cursor = page.nextCursor;
      }
      expect(tokens.map(({ contract }) => contract)).toEqual(contracts);
      expect(new Set(tokens.map(({ balance }) => balance))).toEqual(new Set([7n]));
      const items = [...account.items];
      for (let cursor = account.itemsCursor; cursor !== null;) {
        const page = await scanAccountItems(platform.deps, { symId: address, cursor, limit: 4 });
        items.push(...page.items);
        cursor = page.nextCursor;
      }
      expect(items.map(({ contract, index }) => `${contract} ${index}`)).toEqual(
        contracts.slice(0, 3).flatMap((contract) => Array.from({ length: 10 }, (_, index) => `${contract} ${index}`)),
      );
      for (const read of [scanAccountTokens, scanAccountItems])
        await expect(
          read(platform.deps, { symId: address, cursor: account.nextCursor ?? 'x', limit: 4 }),
        ).rejects.toMatchObject({ code: 'request-invalid' });
    } finally {
      await sql`delete from scan_holders where address = ${bytesOf([address])[0]}`.execute(db);
      await sql`delete from scan_items where owner = ${bytesOf([address])[0]}`.execute(db);
    }
  });

  it('show a token whose holders add up to its supply, and count them', async () => {
    await index();
    const contract = await platform.contract();
    const token = await scanToken(platform.deps, { contract, cursor: undefined, limit: 20 });
    expect(token).toMatchObject({ name: 'eSportsToken', symbol: 'EST', supply: SUPPLY, type: 'sct20', holderCount: 3 });
    expect(token.transfers.length).toBeGreaterThan(2);
    expect(token.callCount).toBeGreaterThan(2);
    const first = await scanHolders(platform.deps, { contract, cursor: undefined, limit: 2 });
    const second = await scanHolders(platform.deps, { contract, cursor: first.nextCursor!, limit: 2 });
    const holders = [...first.items, ...second.items];
    expect(second.nextCursor).toBeNull();
    expect(holders.map((holder) => holder.balance)).toEqual(
      holders.map((holder) => holder.balance).toSorted((left, right) => (left > right ? -1 : 1)),
    );
    expect(new Set(holders.map((holder) => holder.symId)).size).toBe(3);
    expect(holders.reduce((sum, holder) => sum + holder.balance, 0n)).toBe(SUPPLY);
    const { items } = await scanTokens(platform.deps, { cursor: undefined, limit: 5 });
    expect(items).toMatchObject([{ contract, symbol: 'EST', supply: SUPPLY, holderCount: 3, state: 'active' }]);
  });

  it('show the newest blocks, and each block with its header and its transactions, page by page', async () => {
    await index();
    const overview = await scanOverview(platform.deps);
    expect(overview.head.number).toBe((await platform.deps.chain.head()).number);
    expect(overview.totals).toMatchObject({ tokens: 1 });
    const { blockNumber } = await scanTransaction(platform.deps, hash);
    const block = await scanBlock(platform.deps, { number: blockNumber!, cursor: undefined, limit: 100 });
    expect(block.transactions.map((each) => each.hash)).toContain(hash);
    expect(block.header).toMatchObject({ number: String(blockNumber), parentHash: expect.stringMatching(/^0x/) });
    expect(block.seal).toMatch(/^0x[0-9a-f]{128}$/);
    expect(block.isNewest).toBe(blockNumber === overview.head.number);
    await expect(scanBlock(platform.deps, { number: 1_000_000, cursor: undefined, limit: 20 })).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  it('list every block and every transaction once, newest first', async () => {
    await index();
    const { totals, head } = await scanOverview(platform.deps);
    const hashes: string[] = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const page = await scanTransactions(platform.deps, { cursor, limit: 3 });
      hashes.push(...page.items.map((each) => each.hash));
      cursor = page.nextCursor;
    }
    expect(hashes).toHaveLength(totals.transactions);
    expect(new Set(hashes).size).toBe(totals.transactions);
    const numbers: number[] = [];
    for (let cursor: string | null | undefined; cursor !== null;) {
      const page = await scanBlocks(platform.deps, { cursor, limit: 7 });
      numbers.push(...page.items.map((each) => each.number));
      cursor = page.nextCursor;
    }
    expect(numbers).toEqual(Array.from({ length: head.number + 1 }, (_, ago) => head.number - ago));
  });

  it('refuse a cursor that is not theirs', async () => {
    for (const cursor of ['', 'x', Buffer.from('["1; drop table members","0"]').toString('base64url')])
      await expect(scanTransactions(platform.deps, { cursor, limit: 3 })).rejects.toMatchObject({
        code: 'request-invalid',
      });
  });

  it('prove a transaction to anyone, beside whose seal counts', async () => {
    await index();
    const proof = readTransactionProof(await scanProof(platform.deps, hash));
    const { chainId, sealer } = await scanChain(platform.deps);
    const trust = {
      chainId: BigInt(chainId),
      sealerKeyHash: fromHex0x(sealer!.keyHash),
      transactionHash: fromHex0x(hash),
    };
    const { isValid, header } = verifyTransactionProof(proof, trust);
    expect(isValid).toBe(true);
    expect(Number(header!.number)).toBe((await scanTransaction(platform.deps, hash)).blockNumber);
    await expect(scanProof(platform.deps, `0x${'e'.repeat(64)}`)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('are found by anything that names them', async () => {
    await index();
    const contract = await platform.contract();
    const { blockNumber } = await scanTransaction(platform.deps, hash);
    const block = await scanBlock(platform.deps, { number: blockNumber!, cursor: undefined, limit: 1 });
    const matchesOf = async (text: string) => (await scanSearch(platform.deps, text)).matches;
    const ofBlock = { kind: 'block', number: blockNumber, hash: block.hash };
    expect(await matchesOf(String(blockNumber))).toEqual([ofBlock]);
    expect(await matchesOf(block.hash)).toEqual([ofBlock]);
    expect(await matchesOf(hash.slice(2).toUpperCase())).toEqual([{ kind: 'transaction', hash }]);
    expect(await matchesOf(` ${payee.address} `)).toEqual([{ kind: 'account', symId: payee.address }]);
    for (const text of [contract, 'est', 'EST', 'esports', 'eSportsToken'])
      expect(await matchesOf(text)).toMatchObject([{ kind: 'token', token: { contract, symbol: 'EST' } }]);
    for (const text of ['%', '_', 'sportsToken', '999999999', `0x${'e'.repeat(64)}`, '0x00020000000009990002'])
      expect(await matchesOf(text)).toEqual([]);
  });

  it('show items and coupons with their owners, and who has how many', async () => {
    await giveCoin();
    const owner = parseSymId(payer.address);
    const art = await call(null, encodeSct30({ method: 'create', name: 'Seoul Art', symbol: 'SART', owner }));
    const item = { type: 'print', name: '한강의 밤', value: 9n, category: 'c', property: 'A3', description: '' };
    await call(art, encodeSct30({ method: 'createItem', items: [item, { ...item, name: '달항아리' }] }));
    await index();
    await call(art, encodeSct30({ method: 'createItem', items: [{ ...item, name: '셋째' }] }));
    await call(art, encodeSct30({ method: 'transfer', to: parseSymId(payee.address), index: 1n }));
    await call(art, encodeSct30({ method: 'itemPause', index: 0n }));
    await index();
    const first = await scanItems(platform.deps, { contract: art, cursor: undefined, limit: 2 });
    const second = await scanItems(platform.deps, { contract: art, cursor: first.nextCursor!, limit: 2 });
    expect([...first.items, ...second.items]).toMatchObject([
      { index: 2, owner: payer.address, facts: { name: '셋째', state: '0' } },
      { index: 1, owner: payee.address, facts: { name: '달항아리', value: '9', property: 'A3' } },
      { index: 0, owner: payer.address, symbol: 'SART', facts: { name: '한강의 밤', state: '1' } },
    ]);
    const token = await scanToken(platform.deps, { contract: art, cursor: undefined, limit: 1 });
    expect(token).toMatchObject({ type: 'sct30', supply: 3n, holderCount: 2 });
    const owners = async () => {
      const { holderCount } = await scanToken(platform.deps, { contract: art, cursor: undefined, limit: 1 });
      const { rows } = await sql<{ items: bigint }>`
        select items from scan_item_owners where contract = ${Buffer.from(art.slice(2), 'hex')} order by items
      `.execute(platform.deps.db);
      return { holderCount, items: rows.map(({ items }) => items) };
    };
    expect(await owners()).toEqual({ holderCount: 2, items: [1n, 2n] });
    await call(art, encodeSct30({ method: 'transfer', to: parseSymId(payee.address), index: 2n }));
    await index();
    expect(await owners()).toEqual({ holderCount: 2, items: [1n, 2n] });
    await call(art, encodeSct30({ method: 'itemUnpause', index: 0n }));
    await call(art, encodeSct30({ method: 'transfer', to: parseSymId(payee.address), index: 0n }));
    await index();
    expect(await owners()).toEqual({ holderCount: 1, items: [3n] });
    await call(art, encodeSct30({ method: 'createItem', items: [{ ...item, name: '넷째' }] }));
    await index();
    expect(await owners()).toEqual({ holderCount: 2, items: [1n, 3n] });
    const { items } = await scanAccount(platform.deps, { symId: payee.address, cursor: undefined, limit: 1 });
    expect(items).toHaveLength(3);
    expect(items[1]).toMatchObject({ contract: art, index: 1, facts: { name: '달항아리' } });
  });

  it('hold nothing about people', async () => {
    const tables = ['scan_blocks', 'scan_transactions', 'scan_parties', 'scan_tokens', 'scan_holders', 'scan_items'];
    for (const table of tables) {
      const { rows } = await sql<{
        text: string;
      }>`select coalesce(string_agg(t::text, ''), '') as text from ${sql.table(table)} t`.execute(platform.deps.db);
      for (const member of [payer, payee]) {
        for (const personal of [member.id, member.memberId, member.walletId, member.maskedName])
          expect(rows[0]!.text).not.toContain(personal);
      }
    }
  });
});

// Last: its block is not one of the node.
describe('the index after a pause', () => {
  it('reads the holders of full blocks in portions that a node answers between two blocks', async () => {
    const { chain, db } = platform.deps;
    const newest = await chain.head();
    const contract = await platform.contract();
    const call = { template: 'sct20', method: 'TRANSFER', contract, from: payer.address, amount: 1n, args: {} };
    const busy: ChainDriver = {
      ...chain,
      head: async () => ({ ...newest, number: newest.number + 1 }),
      block: async (number) => {
        if (number <= newest.number) return await chain.block(number);
        const known = (await chain.transaction(hash))!;
        const transactions = Array.from({ length: 2_800 }, (_, index) => ({
          ...known,
          hash: `0x${index.toString(16).padStart(64, '0')}`,
          call: { ...call, to: `0x${index.toString(16).padStart(20, '0')}` },
        }));
        return {
          number,
          hash: `0x${'3'.repeat(64)}`,
          parentHash: newest.hash,
          atMs: newest.atMs,
          header: '0xc0',
          seal: null,
          size: 1,
          transactions,
        };
      },
      tokenBalances: async (of, addresses) => {
        if (addresses.length > 1_000) throw new ChainUnreachable('A new block has cut through the answers.');
        return of === contract ? addresses.map(() => 7n) : await chain.tokenBalances(of, addresses);
      },
    };
    const job = scanJob({ ...platform.deps, chain: busy });
    while ((await job.run(never)) === 'more');
    const { rows } = await sql<{ count: bigint }>`
      select count(*) as count from scan_holders where contract = decode(${contract.slice(2)}, 'hex') and balance = 7
    `.execute(db);
    expect(rows[0]!.count).toBeGreaterThanOrEqual(2_800n);
    const counted = await scanToken(platform.deps, { contract, cursor: undefined, limit: 1 });
    expect(BigInt(counted.holderCount)).toBe(
      (await sql<{ count: bigint }>`select count(*) as count from scan_holders`.execute(db)).rows[0]!.count,
    );
  });
});
