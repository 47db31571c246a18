/** The certificate authority of an embedded chain: gives a SymID to the hash of a key, and changes what the chain says of it. It never sees a key, and knows no person. */
import { assert, bytesToHex, equalBytes, toHex0x, type Clock, type Ids } from '@jigeum/std';
import {
  CITIZEN_ROLE,
  CITIZEN_STATUS,
  CITIZEN_VERIFIED,
  makeSymId,
  signCitizen,
  symIdFields,
  SYMID_SEQ_FIRST,
  SYMID_SEQ_LAST,
  type ProtocolCrypto,
  type SymId,
  type UnsignedCitizen,
} from '@jigeum/symverse';
import { NOBODY, authorityNonce } from '../citizens/citizen-chain.ts';
import type { WorkNode } from '../node.ts';
import type { CitizenEntry } from '../state/tables.ts';

/** What a CA may say of a SymID. Locked: its transactions are refused. Marked: people are warned. Revoked: locked for ever. */
export type CitizenStatus = keyof typeof CITIZEN_STATUS;

/** A SymID and the record that says so. `isNew` is false when it was so already, and nothing has been written. */
export interface IssuedSymId {
  readonly symId: SymId;
  readonly recordHash: `0x${string}`;
  readonly isNew: boolean;
}

/** What the chain says of a SymID. */
export interface AccountState {
  readonly symId: SymId;
  readonly keyHash: Uint8Array;
  readonly status: CitizenStatus;
  readonly isPhoneVerified: boolean;
  readonly recordHash: `0x${string}`;
}

/**
 * Every change is one citizen record in a block of its own, in effect on the chain when the call returns; asking for what is so
 * already writes nothing. All refuse with an `AuthorityRefusal`.
 */
export interface Authority {
  /** The SymID of a key hash (20 bytes): the one that it has, or a new one. */
  issue(keyHash: Uint8Array): IssuedSymId;
  /** A further SymID of the same citizen, with a key of its own: the next free sequence number. */
  issueFurther(of: SymId, keyHash: Uint8Array): IssuedSymId;
  /** Locks, marks, revokes, or makes active again. Revoked is an end. */
  setStatus(symId: SymId, status: CitizenStatus): IssuedSymId;
  /** Sets or takes back "phone verified". */
  setPhoneVerified(symId: SymId, isVerified: boolean): IssuedSymId;
  /** Another key for a SymID; the one before signs no more, and what it has signed and waits is dropped. */
  changeKey(symId: SymId, keyHash: Uint8Array): IssuedSymId;
  find(symId: SymId): AccountState;
}

/** A request that the CA refuses; the message says what was expected and what came. */
export class AuthorityRefusal extends Error {
  override readonly name = 'AuthorityRefusal';
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
  const { caId } = symIdFields(ca);

  const write = (fields: CitizenFields): IssuedSymId => {
    const record: UnsignedCitizen = {
      ...fields,
      from: ca,
      to: NOBODY,
      nonce: authorityNonce(state, ca),
      role: CITIZEN_ROLE.general,
      writeTime: BigInt(Math.floor(clock.nowMs() / 1000)),
      extra: new Uint8Array(0),
    };
    const outcome = node.submitCitizen(signCitizen(record, genesis.chainId, caKey, crypto).raw);
    if (outcome.kind === 'refused') throw new Error(`The chain refused the CA's record: ${outcome.text}`);
    return { symId: fields.symId, recordHash: outcome.hash, isNew: true };
  };
  const writeNew = (symId: SymId, keyHash: Uint8Array): IssuedSymId =>
    write({ ...NEW_CITIZEN, symId, aKeyPubH: keyHash });

  /** The record of a SymID with some of its fields changed. */
  const change = (symId: SymId, entry: CitizenEntry, changed: Partial<CitizenFields>): IssuedSymId => {
    const { vFlag, country, status, credit, refCode } = entry;
    return write({ vFlag, country, status, credit, refCode, symId, aKeyPubH: entry.keyHash, ...changed });
  };

  const entryOf = (symId: SymId): CitizenEntry => {
    const entry = state.get('citizen', symId);
    if (entry === undefined) throw new AuthorityRefusal(`unknown symid: expected one of this CA, got ${symId}`);
    if (entry.role !== CITIZEN_ROLE.general)
      throw new AuthorityRefusal(`not an account: ${symId} is the CA itself, whose record never changes`);
    return entry;
  };
  const changeable = (symId: SymId): CitizenEntry => {
    const entry = entryOf(symId);
    if (entry.status === CITIZEN_STATUS.revoked) throw new AuthorityRefusal(`revoked: ${symId} is never changed again`);
    return entry;
  };
  const holderOf = (keyHash: Uint8Array): SymId | undefined => {
    assert(keyHash.length === 20, 'a key hash has 20 bytes');
    return chain.symIdOfKey(keyHash);
  };

  const newSymId = (): SymId => {
    for (let draws = 0; draws < DRAWS_MAX; draws++) {
      const random = ids.bytes(6);
      const isReserved = random.every((byte, index) => (index < 5 ? byte === 0 : byte < 2));
      const symId = makeSymId({ caId, random, seq: SYMID_SEQ_FIRST });
      if (!isReserved && state.get('citizen', symId) === undefined) return symId;
    }
    throw new Error(`Expected a free SymID within ${DRAWS_MAX} draws, got none. The random source is broken.`);
  };
  const nextSymId = (of: SymId): SymId => {
    const { random } = symIdFields(of);
    for (let seq = SYMID_SEQ_FIRST; seq <= SYMID_SEQ_LAST; seq++) {
      const symId = makeSymId({ caId, random, seq });
      if (state.get('citizen', symId) === undefined) return symId;
    }
    throw new AuthorityRefusal(`no number left: the citizen of ${of} has all ${SYMID_SEQ_LAST - 1} accounts`);
  };

  return {
    issue(keyHash) {
      const known = holderOf(keyHash);
      if (known === undefined) return writeNew(newSymId(), keyHash);
      const entry = entryOf(known);
      if (entry.status !== CITIZEN_STATUS.revoked) return unchanged(known, entry);
      throw taken(keyHash, `${known}, which is revoked`);
    },
    issueFurther(of, keyHash) {
      changeable(of);
      const known = holderOf(keyHash);
      if (known === undefined) return writeNew(nextSymId(of), keyHash);
      const isSameCitizen = equalBytes(symIdFields(known).random, symIdFields(of).random);
      if (!isSameCitizen || known === of) throw taken(keyHash, known);
      return unchanged(known, changeable(known));
    },
    setStatus(symId, status) {
      const entry = entryOf(symId);
      if (entry.status === CITIZEN_STATUS[status]) return unchanged(symId, entry);
      return change(symId, changeable(symId), { status: CITIZEN_STATUS[status] });
    },
    setPhoneVerified(symId, isVerified) {
      const entry = changeable(symId);
      const others = entry.vFlag & ~CITIZEN_VERIFIED.phone;
      const vFlag = isVerified ? others | CITIZEN_VERIFIED.phone : others;
      return vFlag === entry.vFlag ? unchanged(symId, entry) : change(symId, entry, { vFlag });
    },
    changeKey(symId, keyHash) {
      const entry = changeable(symId);
      const holder = holderOf(keyHash);
      if (holder === symId) return unchanged(symId, entry);
      if (holder !== undefined) throw taken(keyHash, holder);
      return change(symId, entry, { aKeyPubH: keyHash });
    },
    find(symId) {
      const { keyHash, vFlag, status, recordHash } = entryOf(symId);
      const isPhoneVerified = (vFlag & CITIZEN_VERIFIED.phone) !== 0n;
      return { symId, keyHash, status: statusName(status), isPhoneVerified, recordHash: toHex0x(recordHash) };
    },
  };
}

/** What of a record the CA decides. */
type CitizenFields = Pick<
  UnsignedCitizen,
  'symId' | 'aKeyPubH' | 'vFlag' | 'country' | 'status' | 'credit' | 'refCode'
>;

const NEW_CITIZEN = {
  vFlag: CITIZEN_VERIFIED.phone,
  country: 0n,
  status: CITIZEN_STATUS.active,
  credit: 0n,
  refCode: 0n,
} as const;

const unchanged = (symId: SymId, { recordHash }: CitizenEntry): IssuedSymId => ({
  symId,
  recordHash: toHex0x(recordHash),
  isNew: false,
});

/** The public CA's words. */
const taken = (keyHash: Uint8Array, holder: string): AuthorityRefusal =>
  new AuthorityRefusal(`already existed pub_key_hash: ${bytesToHex(keyHash)} belongs to ${holder}`);

function statusName(status: bigint): CitizenStatus {
  const found = Object.entries(CITIZEN_STATUS).find(([, value]) => value === status);
  assert(found !== undefined, `the chain takes no status ${status}`);
  return found[0] as CitizenStatus;
}
