/**
 * Who must act on a refusal, as a code:
 * - `wrong-passphrase`: the person. The MAC differs; a file that was changed after it was written looks the same.
 * - `malformed`: whoever supplied the file. It is not a keystore.
 * - `unsupported`: whoever supplied the file. It is a keystore of a kind that this package does not read.
 * - `kdf-too-costly`: the caller, who may raise `KdfLimits` for a file that is trusted.
 * - `invalid-input`: the calling program. A key, passphrase or cost that no keystore is made from.
 */
export type KeystoreErrorCode = 'wrong-passphrase' | 'malformed' | 'unsupported' | 'kdf-too-costly' | 'invalid-input';

/**
 * The one error of this package. Its message says what was expected, what came and what to do, and never holds a
 * passphrase, a key, a derived key or text of the file other than names of formats.
 */
export class KeystoreError extends Error {
  readonly code: KeystoreErrorCode;

  constructor(code: KeystoreErrorCode, message: string) {
    super(message);
    this.name = 'KeystoreError';
    this.code = code;
  }
}
