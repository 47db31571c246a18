/** Legacy Ethereum transactions with replay protection (EIP-155): enough to send the same load to a node of that family. */
import { concatBytes, toHex0x } from '@jigeum/std';
import { encodeRlp, integerToBytes } from '@jigeum/symverse';
import { nativeCrypto } from '@jigeum/symverse/native';
import { keccak_256 } from '@noble/hashes/sha3.js';

export interface LegacyTransaction {
  readonly nonce: number;
  readonly gasPriceWei: bigint;
  readonly gas: bigint;
  /** 20 bytes; null creates a contract. */
  readonly to: Uint8Array | null;
  readonly valueWei: bigint;
  readonly input: Uint8Array;
}

const NOTHING = new Uint8Array(0);

/** The signed bytes. The key is not kept. */
export function signLegacy(transaction: LegacyTransaction, chainId: bigint, privateKey: Uint8Array): Uint8Array {
  const { nonce, gasPriceWei, gas, to, valueWei, input } = transaction;
  const fields = [
    integerToBytes(BigInt(nonce)),
    integerToBytes(gasPriceWei),
    integerToBytes(gas),
    to ?? NOTHING,
    integerToBytes(valueWei),
    input,
  ];
  const digest = keccak_256(encodeRlp([...fields, integerToBytes(chainId), NOTHING, NOTHING]));
  const { v, r, s } = nativeCrypto.sign(digest, privateKey);
  return encodeRlp([...fields, integerToBytes(35n + 2n * chainId + BigInt(v)), integerToBytes(r), integerToBytes(s)]);
}

/** The 20 bytes by which a key is known. */
export const addressOf = (privateKey: Uint8Array): Uint8Array =>
  keccak_256(nativeCrypto.publicKey(privateKey)).subarray(12);

/** The address of the contract that an account creates with a nonce. */
export const createdAddress = (creator: Uint8Array, nonce: number): Uint8Array =>
  keccak_256(encodeRlp([creator, integerToBytes(BigInt(nonce))])).subarray(12);

/** The topic by which an event is found: the hash of its signature. */
export const eventTopic = (signature: string): `0x${string}` => toHex0x(keccak_256(Buffer.from(signature)));

/** A call of a contract: the first four bytes of the hash of its signature, then each argument in 32 bytes. */
export function encodeCall(signature: string, ...args: readonly (Uint8Array | bigint)[]): Uint8Array {
  const words = args.map((arg) => {
    const bytes = typeof arg === 'bigint' ? integerToBytes(arg) : arg;
    return concatBytes(new Uint8Array(32 - bytes.length), bytes);
  });
  return concatBytes(keccak_256(Buffer.from(signature)).subarray(0, 4), ...words);
}
