import { z } from 'zod';
import { amountBase, amountWon, instant } from '../amount-codec.ts';
import { tokenSchema } from './common.ts';

export const requestChargeBody = z.object({ amountWon, token: z.string().default('EST') });

/** `waiting` for the deposit, `paid` (deposit seen, tokens on their way), `done`, `cancelled` by the member, `expired`. */
export const chargeStates = ['waiting', 'paid', 'done', 'cancelled', 'expired'] as const;

export const chargeSchema = z.object({
  chargeId: z.uuid(),
  state: z.enum(chargeStates),
  amountWon,
  token: tokenSchema,
  amount: amountBase,
  bank: z.object({ bankName: z.string(), accountNumber: z.string(), holderName: z.string() }),
  depositCode: z
    .string()
    .describe('What the member writes as the depositor name, so that the deposit finds its charge.'),
  requestedAt: instant,
  expiresAt: instant,
  doneAt: instant.nullable(),
  isSimulation: z.boolean(),
});
export type ChargeView = z.output<typeof chargeSchema>;

/** What the bank tells us. Signed over the raw body with HMAC-SHA256: header `x-bank-signature: t=<unix seconds>,v1=<hex>`. */
export const bankNoticeBody = z.object({
  bankRef: z.string().min(1).max(64).describe("The bank's own reference: one deposit has one."),
  accountNumber: z.string(),
  depositorName: z.string(),
  amountWon,
  depositedAt: instant,
});
