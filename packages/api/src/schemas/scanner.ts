import { z } from 'zod';
import { amountBase, instant } from '../amount-codec.ts';

/** Public. Nothing here is about a person: only what the chain itself shows. */
export const scanTransactionSchema = z.object({
  hash: z.string(),
  blockNumber: z.number().int().nullable(),
  at: instant.nullable(),
  state: z.enum(['pending', 'final', 'reverted']),
  kind: z.enum(['transfer', 'sct', 'deposit', 'other']),
  from: z.string(),
  to: z.string().nullable(),
  nonce: z.number().int(),
  valueHug: amountBase,
  gasUsed: z.number().int().nullable(),
  feeHug: amountBase.nullable(),
  call: z
    .object({
      template: z.string().describe('For example sct20.'),
      method: z.string().describe('For example TRANSFER.'),
      tokenSymbol: z.string().nullable(),
      tokenDecimals: z.number().int().nullable(),
      contract: z.string().nullable(),
      from: z.string().nullable(),
      to: z.string().nullable(),
      amount: amountBase.nullable(),
    })
    .nullable(),
  error: z.object({ code: z.number().int(), ko: z.string(), en: z.string() }).nullable(),
  rawTransaction: z.string().nullable(),
});
export type ScanTransactionView = z.output<typeof scanTransactionSchema>;

export const scanBlockSchema = z.object({
  number: z.number().int(),
  hash: z.string(),
  at: instant,
  transactionCount: z.number().int(),
});

export const scanOverviewSchema = z.object({
  chainId: z.number().int(),
  head: scanBlockSchema,
  blocks: z.array(scanBlockSchema),
  transactions: z.array(scanTransactionSchema),
});

export const scanAccountSchema = z.object({
  symId: z.string(),
  balanceHug: amountBase,
  nonce: z.number().int(),
  citizen: z.object({ caId: z.string(), keyHash: z.string(), isPhoneVerified: z.boolean() }).nullable(),
  tokens: z.array(
    z.object({ contract: z.string(), symbol: z.string(), decimals: z.number().int(), balance: amountBase }),
  ),
  transactions: z.array(scanTransactionSchema),
  nextCursor: z.string().nullable(),
});
export type ScanAccountView = z.output<typeof scanAccountSchema>;

export const scanTokenSchema = z.object({
  contract: z.string(),
  name: z.string(),
  symbol: z.string(),
  decimals: z.number().int(),
  type: z.string(),
  creator: z.string(),
  owner: z.string(),
  state: z.string(),
  stateCode: z.string(),
  supply: amountBase,
  holders: z.array(z.object({ symId: z.string(), balance: amountBase })),
  holderCount: z.number().int(),
  transfers: z.array(scanTransactionSchema),
  nextCursor: z.string().nullable(),
});
export type ScanTokenView = z.output<typeof scanTokenSchema>;
