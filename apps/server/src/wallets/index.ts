/** Custody: keystores, unlock sessions, balances. Nothing else of the server holds a private key. */
export { draftWallet, insertWallet, type WalletDraft } from './create-wallet.ts';
export { openForSession, openMemberKey, sealForSession, verifyPassphraseOfNobody } from './open-key.ts';
export { signerOf } from './keys.ts';
export { openPlatformWallets, platformSigner } from './platform-wallets.ts';
export { registerWalletsJob } from './register-job.ts';
export { checkKeystoreFiles } from './keystore-files.ts';
export { balancesOf, walletStateOf } from './balances.ts';
export { walletRoutes } from './routes.ts';
