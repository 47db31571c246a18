export { createKeystore, openKeystore, changePassphrase, type KeystoreFormat, type KeystoreDeps } from './keystore.ts';
export { parseKeystore, serializeKeystore } from './keystore-file.ts';
export type { KeystoreFile, KeystoreCrypto, ScryptParams, Pbkdf2Params } from './keystore-file.ts';
export { defaultScryptCost, paperScryptCost, defaultKdfLimits, type ScryptCost, type KdfLimits } from './kdf.ts';
export { KeystoreError, type KeystoreErrorCode } from './errors.ts';
