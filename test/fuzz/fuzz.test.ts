import { describe, expect, test } from 'vitest';
import {
  bytesToInteger,
  decodeRlp,
  encodeRlp,
  integerToBytes,
  isRlpList,
  RlpError,
  type RlpItem,
} from '@jigeum/symverse';
import { bytesToHex, concatBytes } from '@jigeum/std';
import { FINDINGS } from './findings.ts';
import { OptionsError, parseOptions } from './options.ts';
import { Random } from './random.ts';
import { readTree, writeTree } from './rlp-tree.ts';
import { FuzzFailure, INPUT_MS_MAX, inputOf, processorMs, runFuzz } from './run.ts';
import type { FuzzTarget } from './target.ts';
import { createTargets } from './targets.ts';
import { binaryTarget } from './targets/binary.ts';

/** As many inputs of each target in every run of the tests; `npm run fuzz` takes as many as it is told. */
const COUNT = 3000;
const targets = await createTargets();

describe('every decoder', () => {
  test.each(targets)('$name keeps its rules through a small storm', async (target) => {
    const { accepted, refused } = await runFuzz({ target, seed: 'tests', from: 0, count: COUNT });
    // A storm of which nothing gets through, or everything, tests nothing.
    expect(accepted).toBeGreaterThan(COUNT / 6);
    expect(refused).toBeGreaterThan(COUNT / 6);
  });

  test.each(FINDINGS)('$target: $what no more', async ({ target: name, input }) => {
    const target = targets.find((each) => each.name === name)!;
    const times: number[] = [];
    for (let tries = 0; tries < 5; tries++) {
      const begunAtMs = processorMs();
      expect(await target.check(input())).toMatch(/accepted|refused/);
      times.push(processorMs() - begunAtMs);
    }
    expect(Math.min(...times)).toBeLessThan(INPUT_MS_MAX);
  });
});

describe('the storm itself', () => {
  const strict = binaryTarget({
    name: 'number',
    explains: 'an integer',
    value: (random) => BigInt(random.next()),
    encode: (value) => encodeRlp(integerToBytes(value)),
    decode(bytes) {
      const item = decodeRlp(bytes);
      if (isRlpList(item)) throw new RlpError('wrong-kind', 0, 'Expected a byte string.');
      return bytesToInteger(item);
    },
  });
  const storm = (target: FuzzTarget): Promise<unknown> => runFuzz({ target, seed: '7', from: 0, count: 2000 });
  const failure = async (target: FuzzTarget): Promise<string> => {
    const error = await storm(target).then(
      () => undefined,
      (cause: unknown) => cause,
    );
    expect(error).toBeInstanceOf(FuzzFailure);
    return (error as FuzzFailure).message;
  };

  test('finds a decoder that lets leading zeros through, and says how to repeat it', async () => {
    const lax = binaryTarget<bigint>({
      name: 'lax',
      explains: 'an integer',
      value: (random) => BigInt(random.next()),
      encode: (value) => encodeRlp(integerToBytes(value)),
      decode(bytes) {
        const item = decodeRlp(bytes);
        if (isRlpList(item)) return 0n;
        return BigInt(`0x0${bytesToHex(item)}`);
      },
    });
    const message = await failure(lax);
    const [, index, hex] = /^lax (\d+): Accepted, and encodes to other bytes\.\n.*\ninput: 0x([0-9a-f]*)$/s.exec(
      message,
    )!;
    expect(message).toContain(`repeat it: npm run fuzz -- lax --seed 7 --from ${index} --count 1`);
    expect(bytesToHex(inputOf(lax, '7', Number.parseInt(index!, 10)).bytes)).toBe(hex);
  });

  test('finds an error that is not the decoder’s own, and a valid input that is refused', async () => {
    const crashes: FuzzTarget = { ...strict, check: (input) => strict.check(decodeRlp(input) as Uint8Array) };
    expect(await failure(crashes)).toMatch(/^number \d+: /);
    expect(await failure({ ...strict, check: () => 'refused' })).toContain('a valid input was refused');
  });

  test('finds an input that is slow each time, and forgives one that was slow once', async () => {
    const wait = (ms: number): void => {
      for (const endAtMs = processorMs() + ms; processorMs() < endAtMs;);
    };
    const slow = (isSlow: (input: Uint8Array) => boolean): FuzzTarget => ({
      ...strict,
      check(input) {
        if (isSlow(input)) wait(INPUT_MS_MAX + 10);
        return strict.check(input);
      },
    });
    expect(await failure(slow((input) => input.length === 6))).toMatch(/took \d\d\d ms each of/);
    let calls = 0;
    await storm(slow(() => ++calls === 50));
  });

  test('gives the same input for the same seed, target and index, and another for another', () => {
    const hexOf = (seed: string, index: number): string => bytesToHex(inputOf(targets[1]!, seed, index).bytes);
    expect(hexOf('1', 5)).toBe(hexOf('1', 5));
    expect(new Set([hexOf('1', 5), hexOf('1', 6), hexOf('2', 5)]).size).toBe(3);
  });

  test('reads and writes well-formed RLP without the decoder under test', () => {
    for (let index = 0; index < 300; index++) {
      const valid = targets[0]!.generate(new Random('trees', index));
      expect(bytesToHex(writeTree(readTree(valid)!))).toBe(bytesToHex(valid));
      expect(readTree(concatBytes(valid, Uint8Array.of(1)))).toBeUndefined();
    }
    const nested: RlpItem = [[new Uint8Array(60)], Uint8Array.of(0x7f), Uint8Array.of(0x80)];
    expect(bytesToHex(writeTree(readTree(encodeRlp(nested))!))).toBe(bytesToHex(encodeRlp(nested)));
  });
});

describe('the options of the storm', () => {
  const read = (...args: string[]): unknown => parseOptions(args, ['rlp', 'sct']);

  test('have defaults, and take a target', () => {
    expect(read()).toEqual({ target: undefined, count: 100_000, seed: '1', from: 0 });
    expect(read('sct', '--count', '5', '--seed', 'x', '--from', '9')).toEqual({
      target: 'sct',
      count: 5,
      seed: 'x',
      from: 9,
    });
    expect(read('--help')).toBeUndefined();
  });

  test.each([['xyz'], ['rlp', 'sct'], ['--count'], ['--count', '1e3'], ['--from', '-1'], ['--speed', '1']])(
    'refuse %j %j',
    (...args) => {
      expect(() => read(...args)).toThrow(OptionsError);
    },
  );
});
