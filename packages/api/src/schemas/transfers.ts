import { z } from 'zod';
import { amountBase, instant } from '../amount-codec.ts';
import { pageQuery, personSchema, tokenSchema } from './common.ts';

export const resolvePayeeBody = z.discriminatedUnion('by', [
  z.object({ by: z.literal('member-id'), value: z.string().trim().min(1).max(20) }),
  z.object({ by: z.literal('phone'), value: z.string().regex(/^010[0-9]{8}$/, 'Expected 010 and 8 digits.') }),
  z.object({ by: z.literal('receive-code'), value: z.uuid() }),
]);

export const payeeSchema = personSchema.extend({
  payeeId: z.uuid().describe("Names this payee in this payer's requests."),
  isFirstPayment: z.boolean().describe('True when this payer has never paid this payee.'),
});
export type PayeeView = z.infer<typeof payeeSchema>;

export const requestTransferBody = z.object({
  payeeId: z.uuid(),
  maskedName: z.string().describe('The name that the payer was shown: refused when it is no longer so.'),
  token: z.string(),
  amount: amountBase,
  memo: z.string().trim().max(60).default(''),
});

/**
 * What the member sees. `sending`: accepted and on its way. `checking`: we do not know the outcome yet and find out;
 * the money is held. `final`: arrived, cannot be undone. `returned`: did not happen, the money is available again.
 */
export const transferStates = ['sending', 'checking', 'final', 'returned'] as const;

export const transferSchema = z.object({
  transferId: z.uuid(),
  kind: z.enum(['payment', 'charge']),
  direction: z.enum(['out', 'in']),
  counterparty: personSchema.nullable().describe('Null for a charge: it comes from the reserve.'),
  token: tokenSchema,
  amount: amountBase,
  fee: amountBase.describe('What the member paid for sending: always 0.'),
  memo: z.string(),
  state: z.enum(transferStates),
  requestedAt: instant,
  finalAt: instant.nullable(),
});
export type TransferView = z.output<typeof transferSchema>;
export type TransferState = (typeof transferStates)[number];

export const transferListQuery = pageQuery.extend({
  direction: z.enum(['out', 'in']).optional(),
  kind: z.enum(['payment', 'charge']).optional(),
});

/** What an operator sees of a transfer: where it stands and why. No name. */
export const operatorTransferSchema = z.object({
  transferId: z.uuid(),
  kind: z.enum(['payment', 'charge']),
  state: z.enum(['accepted', 'final', 'reverted', 'superseded']),
  amount: amountBase,
  token: z.object({ symbol: z.string(), decimals: z.number().int() }),
  payerWalletId: z.uuid(),
  payerMemberId: z.string().nullable().describe('Null: the reserve.'),
  payeeWalletId: z.uuid(),
  payeeMemberId: z.string().nullable(),
  requestedAt: instant,
  finalAt: instant.nullable(),
  isRecovered: z.boolean().describe('Written by recovery from the chain.'),
  transaction: z
    .object({
      hash: z.string(),
      nonce: z.number().int(),
      state: z.string(),
      attempts: z.number().int(),
      lastProblem: z.string().nullable(),
      nextAttemptAt: instant.nullable(),
      block: z.number().int().nullable(),
    })
    .nullable(),
  chain: z.string().describe('What the chain says of its hash now.'),
  why: z.string().describe('What it waits for, or how it ended.'),
});
export type OperatorTransferView = z.output<typeof operatorTransferSchema>;

export const waitingTransfersQuery = z.object({
  olderThanSeconds: z.coerce.number().int().min(0).max(31_536_000).default(60),
});
export const waitingTransfersSchema = z.object({
  items: z.array(z.object({ transferId: z.uuid(), requestedAt: instant, state: z.string() })).describe('At most 50.'),
  count: z.number().int(),
});

/** What proves a final transfer to a third party: shown in the receipt's verification panel only. */
export const receiptVerificationSchema = z.object({
  chainId: z.number().int(),
  transactionHash: z.string(),
  blockNumber: z.number().int(),
  blockHash: z.string(),
  from: z.string(),
  to: z.string(),
  contract: z.string(),
  amount: amountBase,
  feeHug: z.string().describe('The fee on the chain in hug, paid by the platform.'),
  rawTransaction: z.string().describe('The signed transaction, hex.'),
  scannerPath: z.string(),
});
export type ReceiptVerificationView = z.output<typeof receiptVerificationSchema>;

/** A receipt as a file, and what only payer and payee are shown beside it. */
export const receiptFileSchema = z.object({
  file: z
    .string()
    .describe('The receipt, byte for byte: save it as it is. docs/protocol/payment-receipt.md defines it.'),
  memo: z
    .object({ text: z.string(), salt: z.string().describe('32 bytes, hex: with it the memo can be checked.') })
    .describe('Not in the file. Show both to let somebody check the memo.'),
});
export type ReceiptFileView = z.output<typeof receiptFileSchema>;

/** Whose keys count for receipts. Compare them with what you know from elsewhere. */
export const receiptKeysSchema = z.object({
  chainId: z.string(),
  issuerKeys: z.array(
    z.object({
      keyId: z.string().describe('SHA-256 of the public key, hex.'),
      publicKey: z.string().describe('Ed25519, 32 bytes, hex.'),
      firstUsedAt: instant,
      isCurrent: z.boolean(),
    }),
  ),
  sealers: z
    .array(z.object({ symId: z.string(), keyHash: z.string().describe('20 bytes, hex.') }))
    .describe('Nodes whose seal stands in a receipt.'),
});
export type ReceiptKeysView = z.output<typeof receiptKeysSchema>;
