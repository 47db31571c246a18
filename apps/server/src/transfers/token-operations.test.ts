import { createHash } from 'node:crypto';
import { systemClock } from '@jigeum/std';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inTrx } from '#platform';
import { listTokens } from '#tokens';
import { auditOf } from '#testing';
import { platformSigner } from '#wallets';
import { lockWallet } from './store/wallets.ts';
import { submitJob } from './submit-job.ts';
import { startTestPlatform, SUPPLY, type TestPlatform } from './testing.ts';
import { changeToken, createToken, operationView, seedToken, showToken } from './token-operations.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startTestPlatform();
});
afterAll(() => platform.stop());

const newKey = () => platform.deps.ids.uuid(systemClock.nowMs());
const hashOf = (text: string) => createHash('sha256').update(text).digest();

const create = (symbol: string, key = newKey()) =>
  createToken(platform.deps, {
    idempotency: { route: 'operatorCreateToken', actor: 'operator', key, bodyHash: hashOf(symbol) },
    token: { name: 'A token', symbol, supply: 500n, decimals: 0, wonPerToken: null },
  });
const change = (
  route: 'operatorMint' | 'operatorBurn' | 'operatorPause' | 'operatorUnpause',
  symbol: string,
  amount = 0n,
  key = newKey(),
) =>
  changeToken(platform.deps, {
    idempotency: { route, actor: 'operator', key, bodyHash: hashOf(`${symbol} ${amount}`) },
    symbol,
    amount,
    reason: 'a test',
  });

describe('creating a token', () => {
  it('is accepted, then final with its contract, and everybody sees it from then on', async () => {
    const accepted = JSON.parse((await create('ABC')).text) as { operationId: string };
    expect(accepted).toMatchObject({
      kind: 'create',
      state: 'sending',
      transactionHash: expect.stringMatching(/^0x[0-9a-f]{64}$/),
      token: { symbol: 'ABC', state: 'creating', contract: null, supply: '0' },
    });
    expect((await listTokens(platform.deps.db)).map((token) => token.symbol)).toEqual(['EST']);
    await platform.settle();
    const view = await operationView(platform.deps, platform.deps.db, accepted.operationId);
    const { id: tokenId } = await platform.deps.db
      .selectFrom('tokens')
      .select('id')
      .where('symbol', '=', 'ABC')
      .executeTakeFirstOrThrow();
    expect((await auditOf(platform.deps, accepted.operationId))[0]).toBe(
      `operator token.create {"amount":"500","hash":"${view.transactionHash!.slice(2)}","reason":"creation","symbol":"ABC","token":"${tokenId}"}`,
    );
    expect(view).toMatchObject({ state: 'final', token: { state: 'active', supply: 500n } });
    const facts = await platform.deps.chain.contractFacts(view.token.contract!);
    expect(facts).toMatchObject({ symbol: 'ABC', supply: 500n, creator: view.token.creator, owner: view.token.owner });
    expect((await listTokens(platform.deps.db)).map((token) => token.symbol)).toEqual(['EST', 'ABC']);
  });

  it('happens once for one key, and not for a symbol that is taken', async () => {
    const key = newKey();
    const first = await create('ONE', key);
    expect((await create('ONE', key)).text).toBe(first.text);
    await expect(create('ONE')).rejects.toMatchObject({ code: 'request-invalid' });
    await platform.settle();
  });

  it('of the first start happens once, however many processes start', async () => {
    await Promise.all(Array.from({ length: 5 }, () => seedToken(platform.deps)));
    const { rows } = await sql`select actor from token_operations where actor = 'first start'`.execute(
      platform.deps.db,
    );
    expect(rows).toHaveLength(1);
    expect(await showToken(platform.deps, 'EST')).toMatchObject({ supply: SUPPLY, state: 'active', decimals: 18 });
  });
});

describe('changing a token', () => {
  it('is refused for what is unknown, not fitting its state, or not there', async () => {
    await expect(change('operatorPause', 'NONE')).rejects.toMatchObject({ code: 'not-found' });
    await expect(change('operatorUnpause', 'EST')).rejects.toMatchObject({ code: 'request-invalid' });
    await expect(change('operatorMint', 'EST', 0n)).rejects.toMatchObject({ code: 'amount-out-of-range' });
    await expect(change('operatorBurn', 'EST', SUPPLY + 1n)).rejects.toMatchObject({ code: 'balance-too-low' });
    await expect(operationView(platform.deps, platform.deps.db, newKey())).rejects.toMatchObject({ code: 'not-found' });
  });

  it('pauses and resumes it on the chain, and records who and why', async () => {
    await change('operatorPause', 'EST');
    await platform.settle();
    expect(await showToken(platform.deps, 'EST')).toMatchObject({ state: 'paused', isPaused: true });
    expect((await platform.deps.chain.contractFacts(await platform.contract()))!.stateCode).not.toBe('0x0');
    await change('operatorUnpause', 'EST');
    await platform.settle();
    expect(await showToken(platform.deps, 'EST')).toMatchObject({ state: 'active', isPaused: false });
    const { rows } = await sql`
      select kind, actor, reason, state from token_operations where kind in ('pause', 'unpause') order by requested_at
    `.execute(platform.deps.db);
    expect(rows).toEqual([
      { kind: 'pause', actor: 'operator', reason: 'a test', state: 'final' },
      { kind: 'unpause', actor: 'operator', reason: 'a test', state: 'final' },
    ]);
  });

  it('never waits for a payment of the reserve that waits for it', async () => {
    const { walletId } = platformSigner(platform.deps, 'reserve');
    let burning: Promise<unknown> = Promise.resolve();
    await inTrx(platform.deps, async (trx) => {
      // A payment: the wallet first, then its balance. The burn begins in between.
      await lockWallet(trx, walletId);
      burning = change('operatorBurn', 'EST', 1n);
      await new Promise((resume) => setTimeout(resume, 300));
      await sql`set local lock_timeout = '300ms'`.execute(trx);
      await sql`select from balances where wallet_id = ${walletId} for update`.execute(trx);
    });
    await burning;
    await platform.settle();
  });

  it('happens once for one key, also where twins ask at once, and not another amount', async () => {
    await create('KEY');
    await platform.settle();
    const acts = [
      ['operatorMint', 100n],
      ['operatorBurn', 50n],
      ['operatorPause', 0n],
      ['operatorUnpause', 0n],
    ] as const;
    for (const [route, amount] of acts) {
      const key = newKey();
      const answers = await Promise.all(Array.from({ length: 10 }, () => change(route, 'KEY', amount, key)));
      expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
      await expect(change(route, 'KEY', amount + 1n, key)).rejects.toMatchObject({ code: 'idempotency-key-reused' });
      await platform.settle();
      expect((await change(route, 'KEY', amount, key)).text).toBe(answers[0]!.text);
    }
    expect(await showToken(platform.deps, 'KEY')).toMatchObject({ supply: 550n, state: 'active' });
    const { rows } = await sql`
      select p.kind from token_operations p join tokens t on t.id = p.token_id where t.symbol = 'KEY' order by p.requested_at
    `.execute(platform.deps.db);
    expect(rows).toEqual(['create', 'mint', 'burn', 'pause', 'unpause'].map((kind) => ({ kind })));
  });

  it('gives a burn back when the chain refuses it', async () => {
    const reserve = async () => {
      const { rows } = await sql`
        select available, held from balances b join wallets w on w.id = b.wallet_id join tokens t on t.id = b.token_id
        where w.kind = 'reserve' and t.symbol = 'EST'
      `.execute(platform.deps.db);
      return rows[0];
    };
    const before = await reserve();
    await change('operatorBurn', 'EST', 10n);
    expect(await reserve()).not.toEqual(before);
    // The driver tells that the chain has refused it; whether a chain would is not the question here.
    const refusing = {
      ...platform.deps,
      chain: {
        ...platform.deps.chain,
        broadcast: async (raws: readonly Uint8Array[]) => raws.map(() => ({ kind: 'accepted' as const })),
        outcomes: async (hashes: readonly Uint8Array[]) =>
          hashes.map(() => ({
            kind: 'final' as const,
            isSuccess: false,
            errorCode: 1003,
            blockNumber: 1,
            blockHash: '0x1',
            fee: 1n,
            contract: null,
          })),
      },
    };
    await submitJob(refusing).run(new AbortController().signal);
    await platform.settle(refusing);
    expect(await reserve()).toEqual(before);
  });
});
