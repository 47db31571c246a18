export {
  decodeReceiptFile,
  encodeReceiptFile,
  receiptBytes,
  RECEIPT_BYTES_MAX,
  RECEIPT_FORMAT,
  RECEIPT_VERSION,
  ReceiptFormError,
  type Receipt,
} from './receipt.ts';
export { createIssuer, isSignedBy, issuerKeyId, type Issuer } from './issuer.ts';
export { issueReceipt, type ReceiptFacts } from './issue.ts';
export { memoCommitment, MEMO_SALT_BYTES } from './memo.ts';
export { fromBase64, toBase64 } from './base64.ts';
export { verifyReceipt, type KnownKeys, type ShownMemo, type Step, type Verdict } from './verify.ts';
export type { StepName, StepOutcome } from './sentences.ts';
