/**
 * Citizen records of SymID 2.0, which give a SymID a second name that people can remember: a user ID and a user group stand
 * between `extra` and the signature. Documented only (symverse-lab/SymID-2.0): no such record has been published, so that the
 * order of the fields and the payload are as described there and checked against nothing. Transactions still carry SymIDs.
 */
import { CITIZEN_BYTES_MAX, decodeCitizen, UNSIGNED_CITIZEN_FIELDS, type Citizen } from './citizen.ts';
import { decodeRecord, encodeRecord, oneOf, text, uint, type Field, type RecordOf } from './record.ts';
import { decodeRlp, encodeRlp, isRlpList } from './rlp.ts';
import { nobleCrypto, type ProtocolCrypto } from './signature.ts';
import { recordSigningPayload, recoverRecordSigner, requireSignatureOrNone } from './signed-record.ts';

/** True for text that may be a user ID: 3 to 20 letters and digits, a letter first. Case does not tell two user IDs apart. */
export const isUserId = (value: string): boolean => /^[A-Za-z][A-Za-z0-9]{2,19}$/.test(value);

// Both are optional in the RPC that makes them; what is not given is taken to be the empty text, like every other field.
const userId: Field<string> = checked(
  (value) => value === '' || isUserId(value),
  'a user ID of 3 to 20 letters and digits, a letter first, or none',
);
/** The document gives 3 to 20 bytes for the group and no characters. */
const userGroup: Field<string> = checked((value) => {
  const size = text.encode(value).length;
  return size === 0 || (size >= 3 && size <= 20);
}, 'a user group of 3 to 20 bytes, or none');

const UNSIGNED_CITIZEN_2_FIELDS = [...UNSIGNED_CITIZEN_FIELDS, ['userId', userId], ['userGroup', userGroup]] as const;

/** All eighteen fields, in wire order. */
export const CITIZEN_2_FIELDS = [
  ...UNSIGNED_CITIZEN_2_FIELDS,
  ['v', oneOf<0 | 1>(0, 1)],
  ['r', uint(32)],
  ['s', uint(32)],
] as const;

/** A record of SymID 2.0 before it is signed. */
export type UnsignedCitizen2 = RecordOf<typeof UNSIGNED_CITIZEN_2_FIELDS>;
/** A record of SymID 2.0 as it would stand on the chain. */
export type Citizen2 = RecordOf<typeof CITIZEN_2_FIELDS>;

/** RLP of the eighteen fields. */
export const encodeCitizen2 = (citizen: Citizen2): Uint8Array =>
  encodeRlp(encodeRecord(CITIZEN_2_FIELDS, citizen, 'citizen of SymID 2.0'));

/** The record of its bytes; as strict as `decodeCitizen`. */
export function decodeCitizen2(raw: Uint8Array): Citizen2 {
  const item = decodeRlp(raw, { bytesMax: CITIZEN_BYTES_MAX, depthMax: 1 });
  const citizen = decodeRecord('citizen of SymID 2.0', CITIZEN_2_FIELDS, item);
  requireSignatureOrNone('citizen of SymID 2.0', citizen);
  return citizen;
}

/** The record of either kind, told apart by the number of fields; for display. Only one of SymID 2.0 has a `userId`. */
export function decodeAnyCitizen(raw: Uint8Array): Citizen | Citizen2 {
  const item = decodeRlp(raw, { bytesMax: CITIZEN_BYTES_MAX, depthMax: 1 });
  return isRlpList(item) && item.length === CITIZEN_2_FIELDS.length ? decodeCitizen2(raw) : decodeCitizen(raw);
}

/** The bytes whose SHA3-256 the CA signs: the fifteen fields followed by chain id, empty, empty. Refuses chain id 0. */
export const citizen2SigningPayload = (citizen: UnsignedCitizen2, chainId: bigint): Uint8Array =>
  recordSigningPayload(UNSIGNED_CITIZEN_2_FIELDS, citizen, chainId);

/** The key hash (20 bytes) of the CA that signed the record; see `recoverCitizenSigner`. */
export const recoverCitizen2Signer = (
  citizen: Citizen2,
  chainId: bigint,
  crypto: ProtocolCrypto = nobleCrypto,
): Uint8Array => recoverRecordSigner(citizen2SigningPayload(citizen, chainId), citizen, crypto);

function checked(isGood: (value: string) => boolean, expected: string): Field<string> {
  const expect = (value: string): string => {
    if (!isGood(value)) throw new RangeError(`Expected ${expected}, got ${value.length} characters of something else.`);
    return value;
  };
  return { encode: (value) => text.encode(expect(value)), decode: (item) => expect(text.decode(item)) };
}
