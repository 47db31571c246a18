import { z } from 'zod';
import { amountBase, instant } from '../amount-codec.ts';

/** Public. Nothing here is about a person: only what the chain itself shows. */

const callSchema = z.object({
  template: z.string().describe('For example sct20.'),
  method: z.string().describe('For example TRANSFER.'),
  tokenSymbol: z.string().nullable(),
  tokenDecimals: z.number().int().nullable().describe('Null where the call is about no amount.'),
  contract: z.string().nullable(),
  from: z.string().nullable(),
  to: z.string().nullable(),
  amount: amountBase.nullable().describe('Where the call is about a number of tokens that accounts hold.'),
  args: z
    .record(z.string(), z.union([z.string(), z.array(z.union([z.string(), z.record(z.string(), z.string())]))]))
    .describe(
      "Every argument by the protocol's name: numbers as decimal digits; a list where one call is about several. In texts, characters that cannot be seen are written out: \\u{202e}.",
    ),
});

const hexBytes = z.string().regex(/^0x(?:[0-9a-f]{2})*$/);

/** What shows a third party that a transaction and its receipt are in a sealed block; `docs/protocol/` says how it is checked. */
export const scanProofSchema = z.object({
  chainId: z.string(),
  header: hexBytes,
  sign: hexBytes,
  sealer: z.string(),
  sealerKeyHash: hexBytes,
  transactionIndex: z.string(),
  transaction: hexBytes,
  transactionProof: z.array(hexBytes),
  receipt: hexBytes,
  receiptProof: z.array(hexBytes),
});
export type ScanProofView = z.output<typeof scanProofSchema>;

/** What a reader who checks proofs compares them with. It is asked for apart from any proof. */
export const scanChainSchema = z.object({
  chainId: z.number().int(),
  sealer: z
    .object({ symId: z.string(), keyHash: z.string() })
    .nullable()
    .describe('Who seals blocks now, and the hash of its key.'),
});
export type ScanChainView = z.output<typeof scanChainSchema>;

/** A transaction in a list. */
export const scanTransactionSchema = z.object({
  hash: z.string(),
  blockNumber: z.number().int().nullable(),
  position: z.number().int().nullable().describe('Its place in the block, from 0; null until it is indexed.'),
  at: instant.nullable().describe('Null until it is indexed.'),
  state: z.enum(['pending', 'final', 'reverted']),
  kind: z.enum(['transfer', 'sct', 'deposit', 'other']),
  from: z.string(),
  to: z.string().nullable(),
  nonce: z.number().int(),
  valueHug: amountBase,
  gasUsed: z.number().int().nullable(),
  feeHug: amountBase.nullable(),
  call: callSchema.nullable(),
  error: z.object({ code: z.number().int(), ko: z.string(), en: z.string() }).nullable(),
});
export type ScanTransactionView = z.output<typeof scanTransactionSchema>;

/** A transaction on its own page. */
export const scanWholeTransactionSchema = scanTransactionSchema.extend({
  rawTransaction: z.string().nullable().describe('The signed bytes, hex.'),
});
export type ScanWholeTransactionView = z.output<typeof scanWholeTransactionSchema>;

/** A block in a list. */
export const scanBlockSchema = z.object({
  number: z.number().int(),
  hash: z.string(),
  at: instant,
  transactionCount: z.number().int(),
});
export type ScanBlockView = z.output<typeof scanBlockSchema>;

/** A block on its own page, with a page of its transactions in their order. */
export const scanWholeBlockSchema = scanBlockSchema.extend({
  header: z
    .record(z.string(), z.string())
    .describe("The header by the protocol's field names: numbers as decimal digits, bytes as hex."),
  rawHeader: z.string().describe('RLP of the header, hex.'),
  seal: z.string().nullable().describe('The signature over the hash, hex; null in the first block.'),
  size: z.number().int().describe('Bytes of the whole block.'),
  isNewest: z.boolean(),
  transactions: z.array(scanTransactionSchema),
  nextCursor: z.string().nullable(),
});
export type ScanWholeBlockView = z.output<typeof scanWholeBlockSchema>;

/** What the first page shows; the same comes again with every new block over `/v1/scan/events`. */
export const scanOverviewSchema = z.object({
  chainId: z.number().int(),
  head: scanBlockSchema,
  blocks: z.array(scanBlockSchema),
  transactions: z.array(scanTransactionSchema),
  totals: z.object({ transactions: z.number().int(), tokens: z.number().int() }),
  pace: z.object({
    transactionsPerSecond: z.number().describe('Over the newest minute or so.'),
    blockSeconds: z.number().nullable().describe('From one block to the next, on average.'),
  }),
});
export type ScanOverviewView = z.output<typeof scanOverviewSchema>;

/** A token in a list. */
export const scanTokenRowSchema = z.object({
  contract: z.string(),
  type: z.string(),
  name: z.string(),
  symbol: z.string(),
  decimals: z.number().int(),
  supply: amountBase,
  state: z.string(),
  holderCount: z.number().int(),
  callCount: z.number().int(),
});
export type ScanTokenRowView = z.output<typeof scanTokenRowSchema>;

/** An item of SCT30 or a coupon of SCT40. */
export const scanItemSchema = z.object({
  contract: z.string(),
  symbol: z.string(),
  index: z.number().int(),
  owner: z.string().nullable(),
  facts: z.record(z.string(), z.string()).describe("What the chain says of it, by the protocol's field names."),
});
export type ScanItemView = z.output<typeof scanItemSchema>;

/** So many base units of a token that somebody holds. */
export const scanHoldingSchema = z.object({
  contract: z.string(),
  symbol: z.string(),
  name: z.string(),
  decimals: z.number().int(),
  balance: amountBase,
});

export const scanAccountSchema = z.object({
  symId: z.string(),
  balanceHug: amountBase,
  depositHug: amountBase,
  nonce: z.number().int(),
  citizen: z
    .object({
      caId: z.string(),
      keyHash: z.string(),
      isPhoneVerified: z.boolean(),
      status: z.number().int().describe("The chain's code; 1 is active."),
      role: z.number().int(),
    })
    .nullable(),
  tokens: z.array(scanHoldingSchema).describe('The first twenty.'),
  tokensCursor: z.string().nullable().describe('Where `/tokens` below this address goes on.'),
  items: z.array(scanItemSchema).describe('Items and coupons that it owns, the first twenty.'),
  itemsCursor: z.string().nullable().describe('Where `/items` below this address goes on.'),
  transactions: z.array(scanTransactionSchema),
  nextCursor: z.string().nullable(),
});
export type ScanAccountView = z.output<typeof scanAccountSchema>;

export const scanHolderSchema = z.object({ symId: z.string(), balance: amountBase });
export type ScanHolderView = z.output<typeof scanHolderSchema>;

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
  holderCount: z.number().int(),
  callCount: z.number().int(),
  transfers: z.array(scanTransactionSchema),
  nextCursor: z.string().nullable(),
});
export type ScanTokenView = z.output<typeof scanTokenSchema>;

/** What a searched text may mean, the likeliest first; empty where the chain knows nothing of it. */
export const scanSearchSchema = z.object({
  matches: z.array(
    z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('block'), number: z.number().int(), hash: z.string() }),
      z.object({ kind: z.literal('transaction'), hash: z.string() }),
      z.object({ kind: z.literal('account'), symId: z.string() }),
      z.object({ kind: z.literal('token'), token: scanTokenRowSchema }),
    ]),
  ),
});
export type ScanMatch = z.output<typeof scanSearchSchema>['matches'][number];
