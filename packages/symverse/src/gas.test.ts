import { fromHex0x } from '@jigeum/std';
import { describe, expect, test } from 'vitest';
import { baseGas, dataGas, gasFeeHug, GAS_BASE_CALL, GAS_BASE_CREATE, GAS_PRICE_HUG, intrinsicGas } from './gas.ts';
import { estimateGas, SCT_GAS, sctGas } from './sct/gas.ts';
import { decodeSctCall, SCT_TYPE } from './sct/codec.ts';
import { encodeSct20, SCT20_METHODS } from './sct/sct20.ts';
import { HUG_PER_SYM } from './units.ts';
import { parseSymId } from './symid.ts';
import { symverseVectors } from './testing/vectors.ts';

const vectors = symverseVectors();
const token = parseSymId('0xff89fc8f8050e05fff64');
const toOf = (method: number) => (method === 0 ? null : token);

describe('gas', () => {
  test.each(vectors.gas.worked)('$call costs $total', ({ input, sctGas: operation, total }) => {
    const bytes = fromHex0x(input);
    const call = decodeSctCall(bytes);
    expect(sctGas(call)).toBe(BigInt(operation));
    expect(estimateGas({ to: toOf(call.method), input: bytes, type: 1 })).toBe(BigInt(total));
  });

  test.each(vectors.sct_inputs)('$call $args is estimated as symjs does', (vector) => {
    const to = vector.gas_estimate_create === undefined ? token : null;
    const total = vector.gas_estimate_create ?? vector.gas_estimate_call!;
    expect(estimateGas({ to, input: fromHex0x(vector.input), type: 1 })).toBe(BigInt(total));
  });

  /** Table 2 of the paper: SCT gas and total, where the total leaves the data bytes out. */
  test.each([
    ['create', 49_000n, 8_049_000n],
    ['transfer', 7_000n, 56_000n],
    ['transferFrom', 9_000n, 58_000n],
    ['mint', 7_000n, 56_000n],
    ['burn', 7_000n, 56_000n],
    ['pause', 4_000n, 53_000n],
    ['unpause', 4_000n, 53_000n],
  ] as const)('Table 2: SCT20 %s has %d of operation and %d with base', (method, operation, total) => {
    const row = SCT20_METHODS.find((candidate) => candidate.method === method)!;
    expect(row.gas).toBe(operation);
    expect(baseGas(method === 'create' ? null : token) + row.gas).toBe(total);
  });

  test.each(Object.entries(vectors.gas.article_totals_without_data))(
    '%s of the article is base and operation',
    (name, [base, operation]) => {
      const camel = name
        .replace('SCT20_', '')
        .toLowerCase()
        .replace(/_(.)/g, (_match, letter: string) => letter.toUpperCase());
      const row = SCT20_METHODS.find(({ method }) => method === camel)!;
      expect([baseGas(camel === 'create' ? null : token), row.gas]).toEqual([BigInt(base), BigInt(operation)]);
    },
  );

  test.each([
    ['approve', 7_000n],
    ['decreaseApprove', 7_000n],
    ['transferOwner', 4_000n],
  ] as const)('SCT20 %s, which the paper leaves out, has %d', (method, operation) => {
    expect(SCT20_METHODS.find((row) => row.method === method)!.gas).toBe(operation);
  });

  test('a bare transfer of SYM costs 49,000 gas, 0.0049 SYM', () => {
    const gas = estimateGas({ to: token, input: new Uint8Array(0), type: 0 });
    expect(gas).toBe(0xbf68n);
    expect(gasFeeHug(gas)).toBe((49n * HUG_PER_SYM) / 10_000n);
    expect(GAS_PRICE_HUG).toBe(0x174876e800n);
  });

  test('the worked examples of the paper hold: 8,076,400 to create eSportsToken and 67,240 for a transfer of 25 bytes', () => {
    const owner = parseSymId('0x00035b875ec2c5410002');
    const create = encodeSct20({
      method: 'create',
      name: 'eSportsToken',
      symbol: 'EST',
      amount: 0x204fce5e3e25026110000000n,
      owner,
    });
    expect(estimateGas({ to: null, input: create, type: 1 })).toBe(8_076_400n);
    const to = parseSymId('0x00020000000000060002');
    const transfer = encodeSct20({ method: 'transfer', to, amount: 50n * 10n ** 18n });
    expect(transfer.length).toBe(25);
    expect(estimateGas({ to: token, input: transfer, type: 1 })).toBe(67_240n);
  });

  test('data is 680 for a byte and 40 for a zero byte, and the base depends on the destination only', () => {
    expect(dataGas(Uint8Array.of(0, 1, 0, 255))).toBe(2n * 680n + 2n * 40n);
    expect(intrinsicGas({ to: null, input: Uint8Array.of(1) })).toBe(GAS_BASE_CREATE + 680n);
    expect(intrinsicGas({ to: token, input: Uint8Array.of(0) })).toBe(GAS_BASE_CALL + 40n);
  });

  test('operation gas is for transactions of type 1 only, and an input that is no call has none', () => {
    const pause = encodeSct20({ method: 'pause' });
    expect(estimateGas({ to: token, input: pause, type: 0 })).toBe(intrinsicGas({ to: token, input: pause }));
    const garbage = Uint8Array.of(1, 2, 3);
    expect(estimateGas({ to: token, input: garbage, type: 1 })).toBe(intrinsicGas({ to: token, input: garbage }));
  });

  test.each([
    [21, [50, 8, 10, 8, 8, 8, 8, 4, 4, 4, 9, 9, 9, 6, 6, 7, 7]],
    [22, [49, 7, 9, 7, 7, 4, 4, 4, 4]],
    [30, [79, 30, 14, 16, 14, 9, 9, 40]],
    [40, [79, 30, 14, 14, 14, 9, 9, 9, 40]],
  ])('SCT%d has the figures of symjs, and SCT22 those of its documents, in thousands', (type, thousands) => {
    expect(SCT_GAS[type]).toEqual(thousands.map((count) => BigInt(count) * 1_000n));
  });

  test('the tables have one figure for each method of their template', () => {
    expect(Object.fromEntries(Object.entries(SCT_GAS).map(([type, row]) => [type, row.length]))).toEqual({
      20: 10,
      21: 17,
      22: 9,
      30: 8,
      40: 9,
    });
    expect(SCT_GAS[SCT_TYPE.sct20]).toEqual([
      49_000n,
      7_000n,
      9_000n,
      7_000n,
      7_000n,
      7_000n,
      7_000n,
      4_000n,
      4_000n,
      4_000n,
    ]);
  });
});
