/** Custody: keystores, unlock sessions, balances. Nothing else of the server holds a private key. */
export { draftWallet } from './create-wallet.ts';
export { openMemberKey, sealForSession, withSessionSigner } from './open-key.ts';
export { openCustody, platformSigner } from './platform-wallets.ts';
export { registerWalletsJob } from './register-job.ts';
export { balancesOf, walletStateOf } from './balances.ts';
export { walletRoutes } from './routes.ts';
