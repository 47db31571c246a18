/** Proof of final transfers. */
export { receiptVerification } from './verification.ts';
export { receiptRoutes } from './routes.ts';
