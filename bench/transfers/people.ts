/** People who hold SymIDs, tokens and gas, made from their number: keys that every process of a run can make again. */
import { toHex0x } from '@jigeum/std';
import {
  encodeSct20,
  estimateGas,
  GAS_PRICE_HUG,
  HUG_PER_SYM,
  keyHash,
  makeSymId,
  signTransaction,
  type Sct20Call,
  type SignedTransaction,
  type SymId,
} from '@jigeum/symverse';
import { nativeCrypto } from '@jigeum/symverse/native';

export interface Person {
  readonly symId: SymId;
  readonly privateKey: Uint8Array;
}

export const CHAIN_ID = 7_777n;
const CA_ID = 3;
/** A thousand SYM: gas for over a hundred thousand transfers. */
const START_HUG = 1_000n * HUG_PER_SYM;

/** The key of a person by number: a hash of it. For measurements only. */
export function keyOf(index: number): Uint8Array {
  return nativeCrypto.sha3(Buffer.from(`jigeum bench, person ${index}`));
}

/** A person by number. */
export function personOf(index: number): Person {
  const random = Buffer.alloc(6);
  random.writeUIntBE(index + 1_000, 0, 6);
  return { symId: makeSymId({ caId: CA_ID, random, seq: 2 }), privateKey: keyOf(index) };
}

/** The text of a genesis with the first people, each with coins for gas. */
export function genesisOf(count: number): string {
  const people = Array.from({ length: count }, (_, index) => personOf(index));
  return JSON.stringify({
    chainId: Number(CHAIN_ID),
    caId: CA_ID,
    citizens: people.map(({ symId, privateKey }) => ({
      symId,
      keyHash: toHex0x(keyHash(nativeCrypto.publicKey(privateKey), nativeCrypto.sha3)),
    })),
    allocations: Object.fromEntries(people.map(({ symId }) => [symId, START_HUG.toString()])),
  });
}

/** A signed call of a token: its creation when there is no contract yet. */
export function signCall(
  { symId, privateKey }: Person,
  { contract, nonce, call }: { readonly contract: SymId | null; readonly nonce: number; readonly call: Sct20Call },
): SignedTransaction {
  const input = encodeSct20(call);
  return signTransaction(
    {
      from: symId,
      nonce: BigInt(nonce),
      gasPrice: GAS_PRICE_HUG,
      gas: estimateGas({ to: contract, input, type: 1 }),
      to: contract,
      value: 0n,
      input,
      type: 1,
      workNodes: [symId],
      extraData: new Uint8Array(0),
    },
    CHAIN_ID,
    privateKey,
    nativeCrypto,
  );
}
