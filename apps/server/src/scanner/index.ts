/** The public read model of the chain: blocks, transactions, accounts, tokens. */
export { scanJob } from './index-job.ts';
export type { ScanFeed } from './live.ts';
export { scannerRoutes } from './routes.ts';
export { indexedGenesis } from './store.ts';
