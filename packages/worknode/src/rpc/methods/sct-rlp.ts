/** The input of a contract call whose parameters are named: `debug_getSCTRlp`. Which of them a method takes is the template's table. */
import {
  encodeSct20,
  encodeSct21,
  encodeSct22,
  encodeSct30,
  encodeSct40,
  SCT20_METHODS,
  SCT21_METHODS,
  SCT22_METHODS,
  SCT30_METHODS,
  SCT40_METHODS,
} from '@jigeum/symverse';
import { RPC_CODE, type RpcSctCall } from '@jigeum/symverse/rpc';
import { RpcFault } from '../fault.ts';

interface Template {
  readonly methods: readonly {
    readonly method: string;
    readonly params?: readonly (readonly [string, unknown])[];
    readonly each?: readonly [string, unknown];
  }[];
  readonly encode: (call: never) => Uint8Array;
}

const TEMPLATES: Readonly<Record<string, Template>> = {
  20: { methods: SCT20_METHODS, encode: encodeSct20 },
  21: { methods: SCT21_METHODS, encode: encodeSct21 },
  22: { methods: SCT22_METHODS, encode: encodeSct22 },
  30: { methods: SCT30_METHODS, encode: encodeSct30 },
  40: { methods: SCT40_METHODS, encode: encodeSct40 },
};

/** Left-out fields of an item or coupon are empty: their place on the wire stays. */
const ITEM_DEFAULTS = { type: '', name: '', value: 0n, category: '', property: '', description: '' };
const COUPON_DEFAULTS = { type: '', name: '', point: 0n, groupNo: '', couponNo: '', etc: '' };

/** The input of the transaction that makes the call. Parameters that the method does not take are ignored, as gsym ignores them. Throws what the template's encoder throws for a value out of bounds. */
export function sctInputOf({ type, method, params = {} }: RpcSctCall): Uint8Array {
  const template = TEMPLATES[type.toString()];
  if (template === undefined)
    throw invalid(`type: expected a template of ${Object.keys(TEMPLATES).join(', ')}, got ${type}`);
  const row = template.methods.find((_row, index) => BigInt(index) === method);
  if (row === undefined)
    throw invalid(`method: expected 0 to ${template.methods.length - 1} of SCT${type}, got ${method}`);

  // The documents' samples of SCT21 mint name the receiver `from`, those of burn the holder `to`.
  const named: Readonly<Record<string, unknown>> = {
    to: params.from,
    from: params.to,
    ...params,
    ...(params.items && { items: params.items.map((item) => ({ ...ITEM_DEFAULTS, ...item })) }),
    ...(params.coupons && { coupons: params.coupons.map((coupon) => ({ ...COUPON_DEFAULTS, ...coupon })) }),
  };
  const needed = row.each === undefined ? (row.params ?? []).map(([name]) => name) : [row.each[0]];
  const missing = needed.filter((name) => named[name] === undefined);
  if (missing.length > 0) {
    throw invalid(
      `params: expected ${needed.join(', ')} for SCT${type} ${row.method}, got ${Object.keys(params).join(', ') || 'none'}`,
    );
  }
  return template.encode({ method: row.method, ...named } as never);
}

const invalid = (what: string): RpcFault =>
  new RpcFault({ code: RPC_CODE.invalidParams, message: `debug_getSCTRlp parameter 1 (call).${what}` });
