/** SCT contracts as rows: the fields of every template, then those that one template alone has. */
import { SCT_TYPE, type SymId } from '@jigeum/symverse';
import { address, addressOrNull, amount, fieldsOf, flag, listOf, text, type Codec } from './row-codec.ts';

interface ContractFields {
  readonly creator: SymId;
  readonly owner: SymId;
  readonly name: string;
  readonly symbol: string;
  /** Of tokens: what all holdings, and for SCT21 all locks and the pool, add up to. Of items and coupons: how many there are. */
  readonly total: bigint;
  readonly isPaused: boolean;
}

/** A contract of one template. */
export type ContractState = ContractFields &
  (
    | { readonly template: 'sct20' | 'sct30' }
    /** `lock`: the pool, the part of the total that is locked and nobody's yet. */
    | { readonly template: 'sct21'; readonly lock: bigint }
    /** `authority`: who may move the tokens of others while he is owner or creator. */
    | { readonly template: 'sct22'; readonly authority: SymId | null }
    /** `cpoint`: the points that no coupon has taken yet. */
    | { readonly template: 'sct40'; readonly cpoint: bigint }
  );

/** The template of a contract that this node executes. */
export type Template = ContractState['template'];
/** A contract of some templates, such as `ContractOf<'sct21'>`. */
export type ContractOf<T extends Template> = ContractState & { readonly template: T };

const COMMON = { creator: address, owner: address, name: text, symbol: text, total: amount, isPaused: flag };

const TEMPLATES: { readonly [T in Template]: Codec<Omit<ContractOf<T>, 'template'>> } = {
  sct20: fieldsOf(COMMON),
  sct21: fieldsOf({ ...COMMON, lock: amount }),
  sct22: fieldsOf({ ...COMMON, authority: addressOrNull }),
  sct30: fieldsOf(COMMON),
  sct40: fieldsOf({ ...COMMON, cpoint: amount }),
};

/** The row of a contract: the template's number, then its fields. */
export const contractRow: Codec<ContractState> = {
  encode: (row) => [
    amount.encode(BigInt(SCT_TYPE[row.template])),
    ...listOf((TEMPLATES[row.template] as Codec<unknown>).encode(row)),
  ],
  decode(item) {
    const [type, ...own] = listOf(item);
    const number = amount.decode(type ?? []);
    const template = (Object.keys(TEMPLATES) as Template[]).find((name) => BigInt(SCT_TYPE[name]) === number);
    if (template === undefined) throw new RangeError(`Expected a contract row of a known template, got SCT${number}.`);
    return { template, ...TEMPLATES[template].decode(own) } as ContractState;
  },
};
