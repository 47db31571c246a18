/** The only door to a chain: requests, gas grants, the chain outbox, and the jobs that send and confirm. */
export { confirmJob } from './confirm-job.ts';
export type { ConfirmHooks } from './post-ends.ts';
export { submitJob } from './submit-job.ts';
export { refillGasJob } from './refill-job.ts';
export { getTransfer } from './history.ts';
export { payFromReserve } from './pay-from-reserve.ts';
export { sendAnchor } from './send-anchor.ts';
export { seedToken } from './token-operations.ts';
export { reconcilePlatformGas } from './compare-gas.ts';
export { recovery, type MinedTransaction, type RecoverHooks } from './recover.ts';
export type { RecoveredAct } from './recovered.ts';
export { transferRoutes } from './routes.ts';
