/**
 * The citizen chain: blocks of the records by which CAs bind SymIDs to keys. A record has its own block, written at once, and
 * takes effect with it: a person can pay and be paid without waiting for the next main block, whose header names the newest
 * citizen block (`cbNum`, `cbHash`). On a public network records take effect from the next main block.
 */
import { assert, bytesToHex, equalBytes, toHex0x } from '@jigeum/std';
import {
  CITIZEN_ACTIVE,
  CITIZEN_ROLE,
  CITIZEN_STATUS,
  citizenHash,
  citizenHeaderHash,
  decodeCitizen,
  decodeRlp,
  encodeCitizen,
  encodeRlp,
  indexTrieRoot,
  isRlpList,
  isUnsignedRecord,
  recoverCitizenSigner,
  SignatureError,
  symIdFields,
  symIdFromBytes,
  integerToBytes,
  type Citizen,
  type CitizenBlockHeader,
  type ProtocolCrypto,
  type Sha3,
  type SymId,
} from '@jigeum/symverse';
import type { Genesis, GenesisCitizen } from '../genesis.ts';
import { BLOCK_EXTRA } from '../block/build-block.ts';
import type { State, StateReader, StateRow } from '../state/state.ts';
import type { CitizenEntry } from '../state/tables.ts';
import type { StoredCitizen, StoredCitizenBlock } from '../storage/storage.ts';

/** A record that may be written. */
export interface CheckedCitizen {
  readonly kind: 'checked';
  readonly citizen: Citizen;
  readonly stored: StoredCitizen;
}

/** Finds the SymID of a key. */
export interface KeyIndex {
  symIdOf(keyHash: Uint8Array): SymId | undefined;
  put(keyHash: Uint8Array, symId: SymId): void;
  remove(keyHash: Uint8Array): void;
}

/** An index over the citizens of a state. It is made when it is first asked: only the CA asks, and a start need not wait for it. */
export function createKeyIndex(state: State): KeyIndex {
  let byKey: Map<string, SymId> | undefined;
  const made = (): Map<string, SymId> =>
    (byKey ??= new Map(
      Array.from(state.rows('citizen'), ([symId, { keyHash }]) => [bytesToHex(keyHash), symId as SymId]),
    ));
  return {
    symIdOf: (keyHash) => made().get(bytesToHex(keyHash)),
    put: (keyHash, symId) => void byKey?.set(bytesToHex(keyHash), symId),
    remove: (keyHash) => void byKey?.delete(bytesToHex(keyHash)),
  };
}

/** The nonce that a CA's next record must have: how many it has written. */
export const authorityNonce = (state: StateReader, ca: SymId): bigint => state.get('authority', ca) ?? 0n;

/** True when the chain takes a SymID's transactions: it is active, or marked, which is for people to see and stops nothing. */
export const mayPay = ({ status }: Pick<CitizenEntry, 'status'>): boolean =>
  status === CITIZEN_STATUS.active || status === CITIZEN_STATUS.marked;

const STATUSES = Object.values(CITIZEN_STATUS) as readonly bigint[];

/**
 * Checks a signed record against the chain. The chain has one CA, that of its genesis, whose own record never changes (its key
 * file and the genesis name the same key), and all others are general.
 */
export function checkCitizen(
  deps: {
    readonly crypto: ProtocolCrypto;
    readonly chainId: bigint;
    readonly ca: SymId;
    readonly state: StateReader;
    readonly keys: KeyIndex;
  },
  raw: Uint8Array,
): CheckedCitizen | { readonly kind: 'refused'; readonly text: string } {
  const refused = (text: string) => ({ kind: 'refused', text }) as const;
  let citizen: Citizen;
  try {
    citizen = decodeCitizen(raw);
  } catch (cause) {
    return refused(`malformed citizen: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
  const { from, symId, nonce, aKeyPubH } = citizen;
  if (from !== deps.ca)
    return refused(
      `invalid sender: expected ${deps.ca}, the one CA of this chain, got ${from}; records of other CAs are not taken`,
    );
  const authority = deps.state.get('citizen', from);
  assert(authority !== undefined, 'the CA is a citizen of its chain');
  if (isUnsignedRecord(citizen))
    return refused('invalid sender: expected a record signed by its CA, got one without a signature');
  let signer: Uint8Array;
  try {
    signer = recoverCitizenSigner(citizen, deps.chainId, deps.crypto);
  } catch (cause) {
    if (!(cause instanceof SignatureError)) throw cause;
    return refused(`invalid sender: ${cause.message}`);
  }
  if (!equalBytes(signer, authority.keyHash)) {
    return refused(
      `invalid sender: expected the signature of the key ${toHex0x(authority.keyHash)} of ${from}, got one of ${toHex0x(signer)}`,
    );
  }
  const expected = authorityNonce(deps.state, from);
  if (nonce !== expected)
    return refused(`invalid nonce: expected ${expected} as the next nonce of the CA ${from}, got ${nonce}`);

  const fields = symIdFields(symId);
  if (fields.version !== 0 || fields.caId !== symIdFields(from).caId) {
    return refused(`invalid SymID: expected version 0 and the CA id of ${from}, got ${symId}`);
  }
  if (symId === from)
    return refused(`invalid SymID: the record of the CA ${from} stands in the genesis and never changes`);
  if (citizen.role !== CITIZEN_ROLE.general)
    return refused(`invalid role: expected ${CITIZEN_ROLE.general} (general), got ${citizen.role}`);
  if (!STATUSES.includes(citizen.status))
    return refused(`invalid status: expected 1 active, 2 locked, 3 marked or 4 revoked, got ${citizen.status}`);
  const holder = deps.keys.symIdOf(aKeyPubH);
  if (holder !== undefined && holder !== symId)
    return refused(`already existed pub_key_hash: ${toHex0x(aKeyPubH)} belongs to ${holder}`);
  return { kind: 'checked', citizen, stored: { hash: citizenHash(raw, deps.crypto.sha3), raw } };
}

/** What the chain keeps of a record. */
export const entryOf = (citizen: Citizen, recordHash: Uint8Array): CitizenEntry => ({
  ca: citizen.from,
  nonce: citizen.nonce,
  keyHash: citizen.aKeyPubH,
  vFlag: citizen.vFlag,
  country: citizen.country,
  status: citizen.status,
  credit: citizen.credit,
  role: citizen.role,
  refCode: citizen.refCode,
  writeTime: citizen.writeTime,
  recordHash,
});

/** The next citizen block with one record, and the rows that it changes. Changes nothing. */
export function buildCitizenBlock(
  state: State,
  input: {
    readonly parent: Pick<StoredCitizenBlock, 'number' | 'hash'>;
    readonly mainNumber: bigint;
    readonly record: CheckedCitizen;
    readonly sha3: Sha3;
  },
): { readonly block: StoredCitizenBlock; readonly state: readonly StateRow[] } {
  const { parent, record, sha3 } = input;
  const { citizen, stored } = record;
  const overlay = state.overlay();
  overlay.set('citizen', citizen.symId, entryOf(citizen, stored.hash));
  overlay.set('authority', citizen.from, authorityNonce(overlay, citizen.from) + 1n);
  const changes = overlay.changes();
  const header: CitizenBlockHeader = {
    parentHash: parent.hash,
    stateRoot: state.rootsAfter(changes).citizen,
    relatedMbNum: input.mainNumber,
    citizensRoot: indexTrieRoot([stored.raw], sha3),
    number: BigInt(parent.number + 1),
    extra: BLOCK_EXTRA,
  };
  return { block: storedBlock(header, [stored], sha3), state: changes };
}

/** Citizen block 0: the citizens of the genesis, whom nobody has signed. */
export function genesisCitizens(
  state: State,
  genesis: Genesis,
  sha3: Sha3,
): { readonly block: StoredCitizenBlock; readonly state: readonly StateRow[] } {
  const overlay = state.overlay();
  const { ca, sealer, citizens } = genesis;
  const people: [GenesisCitizen, bigint][] = [
    [ca, CITIZEN_ROLE.ca],
    ...[sealer, ...citizens].map((person): [GenesisCitizen, bigint] => [person, CITIZEN_ROLE.general]),
  ];
  const stored = people.map(([person, role]) => {
    const citizen = genesisCitizen(genesis, person, role);
    const raw = encodeCitizen(citizen);
    const hash = citizenHash(raw, sha3);
    overlay.set('citizen', person.symId, entryOf(citizen, hash));
    return { hash, raw };
  });
  const changes = overlay.changes();
  const header: CitizenBlockHeader = {
    parentHash: new Uint8Array(32),
    stateRoot: state.rootsAfter(changes).citizen,
    relatedMbNum: 0n,
    citizensRoot: indexTrieRoot(
      stored.map(({ raw }) => raw),
      sha3,
    ),
    number: 0n,
    extra: BLOCK_EXTRA,
  };
  return { block: storedBlock(header, stored, sha3), state: changes };
}

/** The receiver of a record that has none: ten zero bytes. */
export const NOBODY = symIdFromBytes(new Uint8Array(10));

function genesisCitizen(genesis: Genesis, { symId, keyHash }: GenesisCitizen, role: bigint): Citizen {
  return {
    from: genesis.ca.symId,
    to: NOBODY,
    nonce: 0n,
    symId,
    aKeyPubH: keyHash,
    vFlag: 0n,
    country: 0n,
    status: CITIZEN_ACTIVE,
    credit: 0n,
    role,
    refCode: 0n,
    writeTime: BigInt(genesis.timestamp),
    extra: new Uint8Array(0),
    v: 0,
    r: 0n,
    s: 0n,
  };
}

function storedBlock(header: CitizenBlockHeader, citizens: readonly StoredCitizen[], sha3: Sha3): StoredCitizenBlock {
  return {
    number: Number.parseInt(header.number.toString(), 10),
    hash: citizenHeaderHash(header, sha3),
    header: encodeCitizenHeader(header),
    citizens,
  };
}

function encodeCitizenHeader(header: CitizenBlockHeader): Uint8Array {
  const { parentHash, stateRoot, relatedMbNum, citizensRoot, number, extra } = header;
  return encodeRlp([parentHash, stateRoot, integerToBytes(relatedMbNum), citizensRoot, integerToBytes(number), extra]);
}

/** The state root in the bytes of a stored header. */
export function citizenStateRoot(header: Uint8Array): Uint8Array {
  const item = decodeRlp(header);
  const root = isRlpList(item) ? item[1] : undefined;
  if (root === undefined || isRlpList(root)) throw new RangeError('Expected the header of a citizen block.');
  return root;
}
