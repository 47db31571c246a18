/** The row of a contract under a block's `sctRoot`. Ours, like the other rows: docs/protocol/tries.md lists them. */
import {
  oneOf,
  recordField,
  requireList,
  symId,
  symIdOrNull,
  text,
  uint,
  type Field,
  type RecordOf,
} from './record.ts';
import { SCT_TYPE } from './sct/codec.ts';
import type { RlpItem } from './rlp.ts';

/** 1 is true, the empty string false. */
const flag: Field<boolean> = {
  encode: (value) => oneOf(0, 1).encode(value ? 1 : 0),
  decode: (item) => oneOf(0, 1).decode(item) === 1,
};

const COMMON_FIELDS = [
  ['creator', symId],
  ['owner', symId],
  ['name', text],
  ['symbol', text],
  ['total', uint(32)],
  ['isPaused', flag],
] as const;

/** What follows the template's number, for each template that a node executes. */
const ROW_FIELDS = {
  sct20: COMMON_FIELDS,
  sct21: [...COMMON_FIELDS, ['lock', uint(32)]],
  sct22: [...COMMON_FIELDS, ['authority', symIdOrNull]],
  sct30: COMMON_FIELDS,
  sct40: [...COMMON_FIELDS, ['cpoint', uint(32)]],
} as const;
type Template = keyof typeof ROW_FIELDS;

/**
 * The facts of a contract. `total` is in base units of a token, or how many items or coupons there are; `lock` is SCT21's locked
 * part of it that is nobody's, `authority` who may move others' SCT22, `cpoint` the points that no SCT40 coupon has taken.
 */
export type ProvenContract = {
  readonly [T in Template]: { readonly template: T } & RecordOf<(typeof ROW_FIELDS)[T]>;
}[Template];

/** A contract from its row. Throws a `RecordError` that names the field, or a `RangeError` for a template that is none of these. */
export function decodeContractRow(row: RlpItem): ProvenContract {
  const [type, ...own] = requireList(row);
  const number = uint(1).decode(type ?? []);
  const template = (Object.keys(ROW_FIELDS) as Template[]).find((name) => BigInt(SCT_TYPE[name]) === number);
  if (template === undefined) throw new RangeError(`Expected a contract of SCT20, 21, 22, 30 or 40, got SCT${number}.`);
  return { template, ...recordField(`${template} contract`, ROW_FIELDS[template]).decode(own) };
}
