/**
 * Blocks of the three chains beside the main one: citizens, warrants and oracles. Each is a list of header and records; its
 * hash is SHA3-256 of the header's RLP and its `size` the length of the whole. All of it follows from published blocks.
 */
import { CITIZEN_FIELDS, type Citizen } from './citizen.ts';
import { ORACLE_FIELDS, type Oracle } from './oracle.ts';
import { WARRANT_FIELDS } from './warrant.ts';
import {
  bytes,
  decodeRecord,
  encodeRecord,
  fixedBytes,
  listOf,
  recordField,
  uint,
  type Field,
  type FieldTable,
  type RecordOf,
} from './record.ts';
import { decodeRlp, encodeRlp, viewRlp } from './rlp.ts';
import { requireSignatureOrNone } from './signed-record.ts';
import type { Signature } from './signature.ts';
import { sha3_256, type Sha3 } from './hash.ts';

const hash = fixedBytes(32);
const number = uint(8);

/** A header of the citizen chain, in wire order. */
export const CITIZEN_HEADER_FIELDS = [
  ['parentHash', hash],
  ['stateRoot', hash],
  ['relatedMbNum', number],
  ['citizensRoot', hash],
  ['number', number],
  ['extra', bytes(1024)],
] as const;

/** A header of the oracle chain, in wire order. */
export const ORACLE_HEADER_FIELDS = [
  ['parentHash', hash],
  ['stateRoot', hash],
  ['relatedMbNum', number],
  ['oraclesRoot', hash],
  ['number', number],
  ['extra', bytes(1024)],
] as const;

/** A header of the warrant chain, in wire order. It has no state root. */
export const WARRANT_HEADER_FIELDS = [
  ['parentHash', hash],
  ['relatedMbNum', number],
  ['warrantsRoot', hash],
  ['number', number],
  ['beginMbNum', number],
  ['endMbNum', number],
  ['extra', bytes(1024)],
] as const;

/** `relatedMbNum` is the main block with which the block was made; `citizensRoot` the trie root over its records. */
export type CitizenBlockHeader = RecordOf<typeof CITIZEN_HEADER_FIELDS>;
/** Like a citizen block's header, for oracle records. */
export type OracleBlockHeader = RecordOf<typeof ORACLE_HEADER_FIELDS>;
/** `beginMbNum` to `endMbNum` are the main blocks that the listed warrants may confirm. */
export type WarrantBlockHeader = RecordOf<typeof WARRANT_HEADER_FIELDS>;

/** Bounds of what is decoded. The largest published block holds 25 warrants. */
const RECORDS_MAX = 65_536;
const SUB_BLOCK_BYTES_MAX = 16 * 1024 * 1024;
/** A citizen record, the largest, is a list of sixteen byte strings; the rest is the header. */
const SUB_BLOCK_ITEMS_MAX = RECORDS_MAX * 17 + 16;

const CITIZEN_BLOCK_FIELDS = [
  ['header', recordField('citizen block header', CITIZEN_HEADER_FIELDS)],
  ['citizens', listOf<Citizen>(signed('citizen', CITIZEN_FIELDS), RECORDS_MAX)],
] as const;
const ORACLE_BLOCK_FIELDS = [
  ['header', recordField('oracle block header', ORACLE_HEADER_FIELDS)],
  ['oracles', listOf<Oracle>(signed('oracle', ORACLE_FIELDS), RECORDS_MAX)],
] as const;
const WARRANT_BLOCK_FIELDS = [
  ['header', recordField('warrant block header', WARRANT_HEADER_FIELDS)],
  ['warrants', listOf(recordField('warrant', WARRANT_FIELDS), RECORDS_MAX)],
] as const;

export type CitizenBlock = RecordOf<typeof CITIZEN_BLOCK_FIELDS>;
export type OracleBlock = RecordOf<typeof ORACLE_BLOCK_FIELDS>;
export type WarrantBlock = RecordOf<typeof WARRANT_BLOCK_FIELDS>;

/** The hash of a citizen block. */
export const citizenHeaderHash = (header: CitizenBlockHeader, sha3: Sha3 = sha3_256): Uint8Array =>
  sha3(encodeRlp(encodeRecord(CITIZEN_HEADER_FIELDS, header, 'citizen block header')));
/** The header of a citizen block, of its bytes. */
export const decodeCitizenHeader = (raw: Uint8Array): CitizenBlockHeader =>
  decodeRecord('citizen block header', CITIZEN_HEADER_FIELDS, viewRlp(raw, { depthMax: 1 }));
/** The hash of an oracle block. */
export const oracleHeaderHash = (header: OracleBlockHeader, sha3: Sha3 = sha3_256): Uint8Array =>
  sha3(encodeRlp(encodeRecord(ORACLE_HEADER_FIELDS, header, 'oracle block header')));
/** The hash of a warrant block. */
export const warrantHeaderHash = (header: WarrantBlockHeader, sha3: Sha3 = sha3_256): Uint8Array =>
  sha3(encodeRlp(encodeRecord(WARRANT_HEADER_FIELDS, header, 'warrant block header')));

/** RLP of a citizen block; its length is the block's `size`. */
export const encodeCitizenBlock = (block: CitizenBlock): Uint8Array =>
  encodeRlp(encodeRecord(CITIZEN_BLOCK_FIELDS, block, 'citizen block'));
/** RLP of an oracle block; its length is the block's `size`. */
export const encodeOracleBlock = (block: OracleBlock): Uint8Array =>
  encodeRlp(encodeRecord(ORACLE_BLOCK_FIELDS, block, 'oracle block'));
/** RLP of a warrant block; its length is the block's `size`. */
export const encodeWarrantBlock = (block: WarrantBlock): Uint8Array =>
  encodeRlp(encodeRecord(WARRANT_BLOCK_FIELDS, block, 'warrant block'));

/** The block of its bytes, each record as strict as by `decodeCitizen`. The root and signatures are not checked. */
export const decodeCitizenBlock = (raw: Uint8Array): CitizenBlock =>
  decodeBlockOf('citizen block', CITIZEN_BLOCK_FIELDS, raw);
/** The block of its bytes, each record as strict as by `decodeOracle`. The root and signatures are not checked. */
export const decodeOracleBlock = (raw: Uint8Array): OracleBlock =>
  decodeBlockOf('oracle block', ORACLE_BLOCK_FIELDS, raw);
/** The block of its bytes, each record as strict as by `decodeWarrant`. The root is not checked. */
export const decodeWarrantBlock = (raw: Uint8Array): WarrantBlock =>
  decodeBlockOf('warrant block', WARRANT_BLOCK_FIELDS, raw);

function decodeBlockOf<Table extends FieldTable>(what: string, table: Table, raw: Uint8Array): RecordOf<Table> {
  return decodeRecord(
    what,
    table,
    decodeRlp(raw, { bytesMax: SUB_BLOCK_BYTES_MAX, depthMax: 3, itemsMax: SUB_BLOCK_ITEMS_MAX }),
  );
}

/** A record within a block whose signature is canonical or all zero. */
function signed<Table extends FieldTable>(what: string, table: Table): Field<RecordOf<Table> & Signature> {
  const field = recordField(what, table);
  const expect = <T extends RecordOf<Table>>(value: T): T & Signature => {
    const record = value as T & Signature;
    requireSignatureOrNone(what, record);
    return record;
  };
  return { encode: (value) => field.encode(expect(value)), decode: (item) => expect(field.decode(item)) };
}
