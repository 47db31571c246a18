import { z } from 'zod';
import { amountBase } from '../amount-codec.ts';
import { tokenSchema } from './common.ts';

export const createTokenBody = z.object({
  name: z.string().trim().min(1).max(40),
  symbol: z.string().regex(/^[A-Za-z0-9]{3,10}$/, 'Expected 3 to 10 letters and digits.'),
  supply: amountBase,
  decimals: z.number().int().min(0).max(36).default(18),
  wonPerToken: z
    .string()
    .regex(/^[1-9][0-9]{0,8}$/)
    .nullable()
    .default(null),
});
export const changeSupplyBody = z.object({ amount: amountBase, reason: z.string().trim().min(1).max(200) });
export const reasonBody = z.object({ reason: z.string().trim().min(1).max(200) });

/** What an operator sees of a token: the platform's view beside the chain's. */
export const operatorTokenSchema = tokenSchema.extend({
  state: z.enum(['creating', 'active', 'paused', 'failed']),
  contract: z.string().nullable(),
  creator: z.string().nullable(),
  owner: z.string().nullable(),
  supply: amountBase,
  createTransactionHash: z.string().nullable(),
});
export type OperatorTokenView = z.output<typeof operatorTokenSchema>;

/** An operation of the operator on a token: recorded, signed once, then sent until it is final. */
export const tokenOperationSchema = z.object({
  operationId: z.uuid(),
  kind: z.enum(['create', 'mint', 'burn', 'pause', 'unpause']),
  state: z.enum(['sending', 'checking', 'final', 'returned']),
  transactionHash: z.string().nullable(),
  token: operatorTokenSchema,
});
export type TokenOperationView = z.output<typeof tokenOperationSchema>;

/** What an operator sees of the coin that pays fees: native base units, and counts of payments. */
export const operatorGasSchema = z.object({
  treasuryAddress: z.string(),
  /** Coin of the treasury that is promised to nothing. */
  available: amountBase,
  /** Grants stop above it. */
  floor: amountBase,
  /** Of one payment at most. */
  paymentFee: amountBase,
  paymentsLeft: z.number(),
  grantedToday: amountBase,
  dayBudget: amountBase,
  memberDayBudget: amountBase,
  /** The average of the last seven whole days, fees of the grants included. */
  spentPerDay: amountBase,
  /** How long the treasury lasts at that average; null where nothing was granted. */
  daysLeft: z.number().nullable(),
});
export type OperatorGasView = z.output<typeof operatorGasSchema>;
