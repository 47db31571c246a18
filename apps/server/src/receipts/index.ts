/** Receipts of final transfers: what proves them to anybody. */
export { getReceipt } from './get-receipt.ts';
export { openReceiptIssuer } from './issuer.ts';
export { receiptKeys } from './keys.ts';
export { receiptVerification } from './verification.ts';
export { receiptRoutes } from './routes.ts';
