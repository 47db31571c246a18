/** The certificate authority of an embedded chain: gives a SymID to the hash of a key. It never sees a key, and knows no person. */
import { assert, toHex0x, type Clock, type Ids } from '@jigeum/std';
import {
  CITIZEN_ACTIVE,
  CITIZEN_ROLE,
  CITIZEN_VERIFIED,
  makeSymId,
  signCitizen,
  symIdFields,
  SYMID_SEQ_FIRST,
  type ProtocolCrypto,
  type SymId,
  type UnsignedCitizen,
} from '@jigeum/symverse';
import { NOBODY, authorityNonce } from '../citizens/citizen-chain.ts';
import type { WorkNode } from '../node.ts';

/** A SymID and the record that binds it. `isNew` is false when the key hash had one already. */
export interface IssuedSymId {
  readonly symId: SymId;
  readonly recordHash: `0x${string}`;
  readonly isNew: boolean;
}

export interface Authority {
  /**
   * The SymID of a key hash (20 bytes): the one that it has, or a new one, in effect on the chain when this returns.
   * The only effects are one citizen record and its block.
   */
  issue(keyHash: Uint8Array): IssuedSymId;
}

/** Two draws of one number out of 2^48 are as good as impossible; more misses than this mean that the random source is broken. */
const DRAWS_MAX = 8;

/** An authority that signs with the CA key of the genesis. Records say "phone verified": the partner that holds the secret vouches for it. */
export function createAuthority(
  deps: {
    readonly clock: Clock;
    readonly ids: Pick<Ids, 'bytes'>;
    readonly crypto: ProtocolCrypto;
    readonly node: WorkNode;
  },
  caKey: Uint8Array,
): Authority {
  const { clock, ids, crypto, node } = deps;
  const { chain } = node;
  const { genesis, state } = chain;
  const ca = genesis.ca.symId;

  const newSymId = (): SymId => {
    for (let draws = 0; draws < DRAWS_MAX; draws++) {
      const random = ids.bytes(6);
      const isReserved = random.every((byte, index) => (index < 5 ? byte === 0 : byte < 2));
      const symId = makeSymId({ caId: symIdFields(ca).caId, random, seq: SYMID_SEQ_FIRST });
      if (!isReserved && state.get('citizen', symId) === undefined) return symId;
    }
    throw new Error(`Expected a free SymID within ${DRAWS_MAX} draws, got none. The random source is broken.`);
  };

  return {
    issue(keyHash) {
      assert(keyHash.length === 20, 'a key hash has 20 bytes');
      const known = chain.symIdOfKey(keyHash);
      const entry = known && state.get('citizen', known);
      if (known !== undefined && entry !== undefined)
        return { symId: known, recordHash: toHex0x(entry.recordHash), isNew: false };

      const symId = newSymId();
      const record: UnsignedCitizen = {
        from: ca,
        to: NOBODY,
        nonce: authorityNonce(state, ca),
        symId,
        aKeyPubH: keyHash,
        vFlag: CITIZEN_VERIFIED.phone,
        country: 0n,
        status: CITIZEN_ACTIVE,
        credit: 0n,
        role: CITIZEN_ROLE.general,
        refCode: 0n,
        writeTime: BigInt(Math.floor(clock.nowMs() / 1000)),
        extra: new Uint8Array(0),
      };
      const outcome = node.submitCitizen(signCitizen(record, genesis.chainId, caKey, crypto).raw);
      if (outcome.kind === 'refused') throw new Error(`The chain refused the CA's record: ${outcome.text}`);
      return { symId, recordHash: outcome.hash, isNew: true };
    },
  };
}
