/**
 * The same curve and hash through libsecp256k1 and OpenSSL, for the server: signing and recovering is ten to twenty times
 * faster than in JavaScript. Import it as `@jigeum/symverse/native`; the main entry never does, so that no browser bundle meets it.
 */
import { hash } from 'node:crypto';
import { createRequire } from 'node:module';
import type * as Libsecp256k1 from 'secp256k1';
import {
  nobleCrypto,
  recoveryId,
  requireCanonical,
  requireHash,
  requirePrivateKey,
  signatureFromBytes,
  signatureToBytes,
  SignatureError,
  type ProtocolCrypto,
} from './signature.ts';
import type { Sha3 } from './hash.ts';

/**
 * SHA3-256 through OpenSSL, in one call. The digest comes as a string of 32 characters of one byte, because a buffer from
 * native code costs more than the hashing of a short input.
 */
export const nativeSha3: Sha3 = (bytes) => {
  const digest = hash('sha3-256', bytes, 'binary');
  const out = new Uint8Array(32);
  for (let index = 0; index < 32; index++) out[index] = digest.charCodeAt(index);
  return out;
};

const library = loadLibrary();

/** What `nativeCrypto` stands on. `noble` where no compiled library exists for the platform: the same results, slower. */
export const nativeBackend: 'libsecp256k1' | 'noble' = library ? 'libsecp256k1' : 'noble';

/** The curve through libsecp256k1 (noble where it is missing) and SHA3-256 through OpenSSL. */
export const nativeCrypto: ProtocolCrypto = library ? overLibrary(library) : { ...nobleCrypto, sha3: nativeSha3 };

function overLibrary(secp256k1: typeof Libsecp256k1): ProtocolCrypto {
  return {
    sha3: nativeSha3,
    publicKey(privateKey) {
      requirePrivateKey(privateKey);
      return secp256k1.publicKeyCreate(privateKey, false).slice(1);
    },
    sign(hash, privateKey) {
      requireHash(hash);
      requirePrivateKey(privateKey);
      const { signature, recid } = secp256k1.ecdsaSign(hash, privateKey);
      return signatureFromBytes(signature, recoveryId(recid));
    },
    recover(hash, signature) {
      requireHash(hash);
      requireCanonical(signature);
      try {
        return secp256k1.ecdsaRecover(signatureToBytes(signature), signature.v, hash, false).slice(1);
      } catch (cause) {
        throw new SignatureError('Expected a signature that some key made, got one that belongs to no key.', { cause });
      }
    },
  };
}

/**
 * The compiled library, or nothing. The package's main file would quietly fall back to the `elliptic` package, which has had
 * signature defects; the wrapper is therefore given the bindings by hand, and noble stands in where there are none.
 */
function loadLibrary(): typeof Libsecp256k1 | undefined {
  const require = createRequire(import.meta.url);
  try {
    return require('secp256k1/bindings.js') as typeof Libsecp256k1;
  } catch {
    // No prebuilt binary for this platform and no compiler: `nativeBackend` says so, and nobleCrypto gives the same bytes.
    return undefined;
  }
}
