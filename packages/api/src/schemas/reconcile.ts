import { z } from 'zod';
import { amountBase, instant } from '../amount-codec.ts';
import { pageQuery } from './common.ts';

const block = z.number().int().min(0);
/** A figure of the ledger that a mistake may have made negative, decimal digits. */
const signedBase = z.codec(z.string().regex(/^-?(?:0|[1-9][0-9]{0,77})$/), z.bigint(), {
  decode: (text) => BigInt(text),
  encode: (value) => value.toString(),
});

export const findingSchema = z.object({
  findingId: z.uuid(),
  walletId: z.uuid(),
  address: z.string(),
  memberId: z.string().nullable(),
  tokenSymbol: z.string(),
  decimals: z.number().int(),
  ledger: signedBase.describe('What the ledger had posted up to the block, base units.'),
  chain: amountBase.describe('What the chain held at the end of the block.'),
  block,
  lastEntryId: z.uuid().nullable().describe('The newest journal entry of this wallet and token.'),
  unknownTransactions: z
    .array(z.string())
    .describe('Transactions that concern the wallet and that the ledger does not know.'),
  foundAt: instant,
  decision: z.enum(['resume', 'adopt']).nullable(),
  decidedAt: instant.nullable(),
  reason: z.string().nullable(),
});
export type FindingView = z.output<typeof findingSchema>;

export const findingListQuery = pageQuery.extend({ state: z.enum(['open', 'all']).default('open') });

export const decideFindingBody = z.object({
  decision: z
    .enum(['resume', 'adopt'])
    .describe('`resume`: go on, the difference is known. `adopt`: a correcting entry takes over what the chain says.'),
  reason: z.string().trim().min(1).max(500),
});

export const reconcileWalletsBody = z.object({
  after: z.uuid().nullable().default(null).describe('`next` of the page before.'),
  block: block.nullable().default(null).describe('`block` of the page before: all pages compare at one block.'),
});
export const reconciledWalletsSchema = z.object({
  block,
  wallets: z.number().int(),
  figures: z.number().int().describe('Balances that were compared.'),
  differences: z.number().int(),
  broken: z.number().int().describe('Holds and sums of the ledger that do not add up.'),
  ahead: z.number().int().describe('Wallets of which the chain counts more transactions.'),
  next: z.uuid().nullable(),
});

export const reconcileTransactionsBody = z.object({ after: z.uuid().nullable().default(null) });
export const reconciledTransactionsSchema = z.object({
  transactions: z.number().int(),
  wrong: z.array(z.string()).describe('Hashes of which the chain says something else than the database.'),
  withoutEntry: z.array(z.string()).describe('Final transfers without a journal entry.'),
  next: z.uuid().nullable(),
});

export const reconciledSumsSchema = z.object({
  block,
  supply: z.array(
    z.object({
      tokenSymbol: z.string(),
      chain: amountBase,
      issued: signedBase,
      wallets: amountBase,
      expected: signedBase.describe('What the wallets must have: what was issued, less what corrections put outside.'),
    }),
  ),
  coin: z.array(
    z.object({
      wallet: z.enum(['treasury', 'reserve']),
      chain: amountBase,
      available: amountBase,
      promised: amountBase,
    }),
  ),
  brokenEntries: z.number().int(),
  checkedBlock: block.nullable().describe('How far the continuous comparison is.'),
  sweptAt: instant.nullable().describe('When the last sweep over all wallets ended.'),
});
export type ReconciledSumsView = z.output<typeof reconciledSumsSchema>;

export const recoveredItemSchema = z.object({
  block,
  transactionHash: z.string(),
  what: z.string().describe('What it is taken over as.'),
  from: z.string(),
  to: z.string().nullable(),
  amount: amountBase.nullable(),
  isSuccess: z.boolean(),
});
export type RecoveredItemView = z.output<typeof recoveredItemSchema>;

export const recoveryQuery = z.object({ after: z.coerce.number().int().min(0).default(0) });
export const recoveryStepSchema = z.object({
  found: z.string().describe('Why the platform is in quarantine.'),
  since: instant,
  fromBlock: block.describe('Up to here this database was posted.'),
  block: block.describe('Up to here this call has read.'),
  head: block,
  isAtHead: z.boolean(),
  items: z.array(recoveredItemSchema),
  corrections: z.number().int(),
});
export type RecoveryStepView = z.output<typeof recoveryStepSchema>;

export const quarantineEndSchema = z.object({ state: z.literal('lifted'), block });
