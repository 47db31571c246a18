/** Ledger = chain, continuously; what is done about a difference; quarantine and recovery of a database that is older than the chain. */
export { checkAtStart, quarantineReason } from './quarantine.ts';
export { reconcileJob } from './reconcile-job.ts';
export { reconcileRoutes } from './routes.ts';
