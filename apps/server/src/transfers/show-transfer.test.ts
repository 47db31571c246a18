import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listWaiting, showTransfer, whyOf } from './show-transfer.ts';
import { submitJob } from './submit-job.ts';
import { startTestPlatform, type TestPlatform } from './testing.ts';

const waiting = {
  state: 'accepted',
  outbox_state: 'broadcast',
  is_quarantined: false,
  earlier_nonce: null,
  gas_state: null,
  attempts: 1,
  is_unknown: false,
  last_problem: null,
} as const;

describe('why a payment waits', () => {
  it.each([
    [{ ...waiting, state: 'final' as const }, 'It has arrived. Nothing is left to do.'],
    [{ ...waiting, state: 'reverted' as const }, 'The chain refused it.'],
    [{ ...waiting, state: 'superseded' as const }, 'Another transaction has used its nonce'],
    [{ ...waiting, is_quarantined: true }, 'The platform is in quarantine'],
    [{ ...waiting, earlier_nonce: 4n }, 'An earlier transaction of the payer (nonce 4) has not ended'],
    [
      { ...waiting, outbox_state: 'gas_wait' as const, gas_state: 'broadcast' },
      'It waits for its gas; the grant is broadcast.',
    ],
    [{ ...waiting, outbox_state: 'signed' as const, attempts: 0 }, 'It is signed and was not sent yet'],
    [{ ...waiting, is_unknown: true, last_problem: 'timed out' }, 'no usable answer came (timed out)'],
    [{ ...waiting, last_problem: 'funds-too-low: x' }, 'The node does not take it yet: funds-too-low: x.'],
    [waiting, 'It was sent and waits for its block.'],
  ])('is told by the first reason that holds: %#', (row, expected) => {
    expect(whyOf(row)).toContain(expected);
  });
});

describe('a payment as an operator sees it', () => {
  let platform: TestPlatform;
  beforeAll(async () => {
    platform = await startTestPlatform();
  });
  afterAll(() => platform.stop());

  it('tells how far it is and what the chain says, from the signature to its end', async () => {
    const payer = await platform.join('payer');
    const payee = await platform.join('payee');
    await platform.settle();
    await platform.fund(payer, 10n);
    const id = await platform.pay(payer, payee, 4n);
    expect(await showTransfer(platform.deps, id)).toMatchObject({
      state: 'accepted',
      payerMemberId: 'payer',
      payeeMemberId: 'payee',
      amount: 4n,
      transaction: { state: 'signed', attempts: 0 },
      chain: 'not known to the node',
    });
    const away = {
      ...platform.deps.chain,
      outcomes: () =>
        Promise.reject(
          new (class ChainUnreachable extends Error {
            override readonly name = 'ChainUnreachable';
          })(),
        ),
    };
    expect((await showTransfer({ ...platform.deps, chain: away }, id)).chain).toBe('the node does not answer');
    expect((await listWaiting(platform.deps, { olderThanSeconds: 0 })).items.map((item) => item.transferId)).toEqual([
      id,
    ]);
    await submitJob(platform.deps).run(new AbortController().signal);
    await platform.settle();
    const ended = await showTransfer(platform.deps, id);
    expect(ended).toMatchObject({ state: 'final', transaction: { state: 'final', attempts: 1 } });
    expect(ended.chain).toMatch(/^final in block \d+$/);
    expect(await listWaiting(platform.deps, { olderThanSeconds: 0 })).toEqual({ items: [], count: 0 });
    await expect(showTransfer(platform.deps, payer.walletId)).rejects.toMatchObject({ code: 'not-found' });
  });
});
