import { systemClock } from '@jigeum/std';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestPlatform, type TestPlatform } from './testing.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startTestPlatform();
});
afterAll(() => platform.stop());

const EST = 10n ** 18n;

describe('paying', () => {
  it('moves the amount from payer to payee in ledger and chain alike', async () => {
    const payer = await platform.join('alice');
    const payee = await platform.join('bella');
    await platform.fund(payer, 50_000n * EST);
    await platform.pay(payer, payee, 12_000n * EST);
    expect(await platform.balance(payer)).toEqual({ available: 38_000n * EST, held: 12_000n * EST, incoming: 0n });
    expect(await platform.balance(payee)).toEqual({ available: 0n, held: 0n, incoming: 12_000n * EST });
    await platform.settle();
    expect(await platform.balance(payer)).toEqual({ available: 38_000n * EST, held: 0n, incoming: 0n });
    expect(await platform.balance(payee)).toEqual({ available: 12_000n * EST, held: 0n, incoming: 0n });
    expect(await platform.onChain(payer.address)).toBe(38_000n * EST);
    expect(await platform.onChain(payee.address)).toBe(12_000n * EST);
  });
});
void systemClock;
void sql;
