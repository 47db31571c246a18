/** Fiat in, tokens out: charges, the bank's notices, and the jobs that finish or expire charges. */
export { chargeHooks, chargeJobs } from './jobs.ts';
export { getCharge } from './request-charge.ts';
export { chargeRoutes } from './routes.ts';
