import { z } from 'zod';
import { amountBase } from '../amount-codec.ts';
import { tokenSchema } from './common.ts';

/** Three figures that are never added up for the member: what can be spent, what is on its way out, what is on its way in. */
export const balanceSchema = z.object({
  token: tokenSchema,
  available: amountBase,
  held: amountBase,
  incoming: amountBase,
});
export type BalanceView = z.output<typeof balanceSchema>;

export const balancesSchema = z.object({ balances: z.array(balanceSchema), asOfBlock: z.number().int() });
export type BalancesView = z.output<typeof balancesSchema>;
