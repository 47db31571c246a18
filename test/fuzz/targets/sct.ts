/**
 * Inputs of contract calls, all templates. What decodes must encode to the same bytes, but for the forms of published clients
 * that the templates name: a zero amount as the byte 0x00 (symjs), and SCT30's transferOwner as method 9 (symjs). What decodes
 * is also described, and no description has a character that cannot be seen, outside emoji.
 */
import { isDeepStrictEqual } from 'node:util';
import {
  decodeSctCall,
  describeSctCall,
  encodeSctCall,
  isRlpList,
  readSct20,
  readSct21,
  readSct22,
  readSct30,
  readSct40,
  readSct50,
  readSct51,
  SCT20_METHODS,
  SCT21_METHODS,
  SCT22_METHODS,
  SCT30_ITEM_FIELDS,
  SCT30_METHODS,
  SCT40_COUPON_FIELDS,
  SCT40_METHODS,
  SCT50_METHODS,
  SCT51_METHODS,
  SctInputError,
  shownText,
  symIdToBytes,
  type RlpItem,
  type SctCall,
} from '@jigeum/symverse';
import { equalBytes } from '@jigeum/std';
import { mutateBytes } from '../mutate-bytes.ts';
import type { Random } from '../random.ts';
import { FuzzFinding, type FuzzTarget } from '../target.ts';
import * as values from '../values.ts';

/** What a parameter is; `bit` is 0 or 1 and may be written as the byte 0x00, like a quantity. */
type Kind = 'quantity' | 'bit' | 'symId' | 'name' | 'symbol' | 'text' | 'item' | 'coupon';

interface Codec {
  encode(value: never): RlpItem;
}
type Method = { readonly method: string } & (
  { readonly params: readonly (readonly [string, Codec])[] } | { readonly each: readonly [string, Codec] }
);
interface Template {
  readonly type: number;
  readonly methods: readonly Method[];
  read(call: SctCall): object;
}

const TEMPLATES: readonly Template[] = [
  { type: 20, methods: SCT20_METHODS, read: readSct20 },
  { type: 21, methods: SCT21_METHODS, read: readSct21 },
  { type: 22, methods: SCT22_METHODS, read: readSct22 },
  { type: 30, methods: SCT30_METHODS, read: readSct30 },
  { type: 40, methods: SCT40_METHODS, read: readSct40 },
  { type: 50, methods: SCT50_METHODS, read: readSct50 },
  { type: 51, methods: SCT51_METHODS, read: readSct51 },
];

const SOMEBODY = '0x00020000000002000002';
const SYMIDS = new Set(['to', 'from', 'owner', 'creators', 'token', 'voteContract']);
const TEXTS = new Set(['type', 'category', 'property', 'description', 'agenda', 'groupNo', 'couponNo', 'etc']);

function kindOf(field: string, type: number): Kind {
  if (field === 'items') return 'item';
  if (field === 'coupons') return 'coupon';
  if (field === 'symbol') return 'symbol';
  if (field === 'name' || field === 'party') return 'name';
  if (field === 'secret' || field === 'decision') return 'bit';
  if (SYMIDS.has(field)) return 'symId';
  return TEXTS.has(field) && !(type === 51 && field === 'category') ? 'text' : 'quantity';
}

const STRANGE_NAMES = ['', 'n'.repeat(65), '가족 👨‍👩‍👧', 'pay\u202Eecila', 'a\u0000', '\u200D'] as const;

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A parameter as a careful client writes it; zero, at times, as symjs does. */
function parameter(random: Random, kind: Kind): RlpItem {
  switch (kind) {
    case 'quantity':
      return number(random, values.uint(random, 32));
    case 'bit':
      return number(random, random.oneIn(2) ? 0n : 1n);
    case 'symId':
      return symIdToBytes(values.symId(random));
    case 'symbol':
      return utf8(values.word(random, 3, 10));
    case 'name':
      return utf8(values.word(random, 1, random.oneIn(10) ? 64 : 12));
    case 'text':
      return utf8(values.word(random, 0, 12));
    case 'item':
      return SCT30_ITEM_FIELDS.map(([field]) => parameter(random, kindOf(field, 30)));
    case 'coupon':
      return SCT40_COUPON_FIELDS.map(([field]) => parameter(random, kindOf(field, 40)));
  }
}

function number(random: Random, value: bigint): Uint8Array {
  if (value === 0n) return new Uint8Array(random.oneIn(2) ? 0 : 1);
  const hex = value.toString(16);
  return Uint8Array.from(Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex'));
}

function generate(random: Random): Uint8Array {
  const template = random.pick(TEMPLATES);
  const index = random.below(template.methods.length);
  const row = template.methods[index]!;
  const params =
    'params' in row
      ? row.params.map(([field]) => parameter(random, kindOf(field, template.type)))
      : Array.from({ length: random.between(1, random.oneIn(50) ? 60 : 4) }, () =>
          parameter(random, kindOf(row.each[0], template.type)),
        );
  const method = template.type === 30 && index === 7 && random.oneIn(2) ? 9 : index;
  return encodeSctCall({ type: template.type, method, params });
}

/** A creation that a chain may have taken, and we would neither write nor execute. */
function beyondBounds(random: Random): Uint8Array {
  const texts = [random.pick(STRANGE_NAMES), values.word(random, 0, 40)].map(utf8);
  const params = [...texts, number(random, values.uint(random, 32)), symIdToBytes(values.symId(random))];
  return encodeSctCall({ type: 20, method: 0, params });
}

/** The call as our own encoder writes it: the two forms of published clients brought into ours. */
function canonical({ type, method: given, params }: SctCall, methods: readonly Method[]): SctCall {
  const method = type === 30 && given === 9 ? 7 : given;
  const row = methods[method]!;
  const kinds =
    'params' in row ? row.params.map(([field]) => kindOf(field, type)) : params.map(() => kindOf(row.each[0], type));
  return { type, method, params: params.map((param, index) => canonicalItem(param, kinds[index]!)) };
}

function canonicalItem(item: RlpItem, kind: Kind): RlpItem {
  if (kind === 'quantity' || kind === 'bit')
    return !isRlpList(item) && item.length === 1 && item[0] === 0 ? new Uint8Array(0) : item;
  if (!isRlpList(item)) return item;
  const table = kind === 'item' ? SCT30_ITEM_FIELDS : SCT40_COUPON_FIELDS;
  return item.map((part, index) => canonicalItem(part, kindOf(table[index]![0], 0)));
}

/** The call of a typed one, written with the tables of the templates. */
function written({ type, methods }: Template, typed: Readonly<Record<string, unknown>>): SctCall {
  const method = methods.findIndex((row) => row.method === typed['method']);
  const row = methods[method]!;
  const params =
    'params' in row
      ? row.params.map(([field, codec]) => codec.encode(typed[field] as never))
      : (typed[row.each[0]] as readonly never[]).map((one) => row.each[1].encode(one));
  return { type, method, params };
}

/** As the scanner has it, which must not depend on our bounds and must not throw, whatever the input. */
function describe(input: Uint8Array): ReturnType<typeof describeSctCall> {
  const described = describeSctCall({ from: SOMEBODY, to: null, input }, null);
  for (const text of textsIn(described?.args ?? {}))
    if (shownText(text) !== text) throw new FuzzFinding('Shown with a character that cannot be seen.');
  return described;
}

function* textsIn(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  else for (const part of Object.values(value as object)) yield* textsIn(part);
}

export const SCT_TARGET: FuzzTarget = {
  name: 'sct',
  explains: 'inputs of contract calls, of every template',
  generate,
  mutate: (random, bytes, other) => (random.oneIn(10) ? beyondBounds(random) : mutateBytes(random, bytes, other)),
  check(input) {
    const described = describe(input);
    let call: SctCall;
    let typed: object;
    let template: Template | undefined;
    try {
      call = decodeSctCall(input);
      if (!equalBytes(encodeSctCall(call), input)) throw new FuzzFinding('Accepted, and encodes to other bytes.');
      template = TEMPLATES.find(({ type }) => type === call.type);
      if (template === undefined) return 'accepted';
      typed = template.read(call);
      if (described === null) throw new FuzzFinding('Accepted, and shown as no call.');
    } catch (error) {
      if (error instanceof SctInputError) return 'refused';
      throw error;
    }
    const ours = encodeSctCall(written(template, typed as Readonly<Record<string, unknown>>));
    if (equalBytes(ours, input)) return 'accepted';
    if (!equalBytes(ours, encodeSctCall(canonical(call, template.methods))))
      throw new FuzzFinding('Accepted in a form that no client is known to write.');
    if (!isDeepStrictEqual(template.read(decodeSctCall(ours)), typed))
      throw new FuzzFinding('Means something else when it is written anew.');
    return 'accepted';
  },
};
