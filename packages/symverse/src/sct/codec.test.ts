import { bytesToHex, fromHex0x, toHex0x } from '@jigeum/std';
import { describe, expect, test } from 'vitest';
import { encodeRlp, isRlpList, type RlpItem } from '../rlp.ts';
import { symverseVectors } from '../testing/vectors.ts';
import { decodeSctCall, encodeSctCall, SctInputError } from './codec.ts';

const vectors = symverseVectors();

describe('an SCT input', () => {
  test.each(vectors.sct_inputs)('of any template is decoded and encoded: $call', ({ type, method, input }) => {
    const call = decodeSctCall(fromHex0x(input));
    expect([call.type, call.method]).toEqual([type, method]);
    expect(toHex0x(encodeSctCall(call))).toBe(input);
  });

  test.each(vectors.sct_inputs_other)('of any template is decoded and encoded: $what', ({ input }) => {
    expect(toHex0x(encodeSctCall(decodeSctCall(fromHex0x(input))))).toBe(input);
  });

  test('keeps the parameters of templates that it does not know', () => {
    const show = (item: RlpItem): unknown => (isRlpList(item) ? item.map(show) : bytesToHex(item));
    const items = vectors.sct_inputs.find(({ call }) => call === 'param.sct30.createItem')!;
    const { params } = decodeSctCall(fromHex0x(items.input));
    expect(params.map(show)).toEqual([
      ['31', '646f67', '01f4', '616e696d616c', '6d7970657431', ''],
      ['32', '636174', '01f4', '616e696d616c', '6d7970657432', ''],
    ]);
  });

  test.each<[string, Uint8Array]>([
    ['nothing', new Uint8Array(0)],
    ['a byte string', encodeRlp(new Uint8Array(3))],
    ['two items', encodeRlp([Uint8Array.of(20), new Uint8Array(0)])],
    ['four items', encodeRlp([Uint8Array.of(20), new Uint8Array(0), [], []])],
    ['a list as the type', encodeRlp([[], new Uint8Array(0), []])],
    ['a list as the method', encodeRlp([Uint8Array.of(20), [], []])],
    ['a byte string as the parameters', encodeRlp([Uint8Array.of(20), new Uint8Array(0), new Uint8Array(0)])],
    ['a method written as the byte 0x00', encodeRlp([Uint8Array.of(20), Uint8Array.of(0), []])],
    ['a type of three bytes', encodeRlp([Uint8Array.of(1, 2, 3), new Uint8Array(0), []])],
    [
      '4,682 parameters',
      encodeRlp([Uint8Array.of(20), new Uint8Array(0), Array.from({ length: 4_682 }, () => new Uint8Array(0))]),
    ],
    ['lists nested five deep', encodeRlp([Uint8Array.of(20), new Uint8Array(0), [[[[]]]]])],
    ['trailing bytes', Uint8Array.of(...encodeRlp([Uint8Array.of(20), Uint8Array.of(7), []]), 0)],
  ])('is refused with errCode 1001: %s', (_what, input) => {
    expect(() => decodeSctCall(input)).toThrow(SctInputError);
    expect(() => decodeSctCall(input)).toThrow(expect.objectContaining({ errCode: 1001 }));
  });
});
