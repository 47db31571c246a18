import { describe, expect, it } from 'vitest';
import { OptionsError, parseOptions } from './options.ts';

const CASES = ['reads', 'writes'];

describe('the options of a bench run', () => {
  it('has a default for everything but the case', () => {
    expect(parseOptions(['reads'], CASES)).toEqual({
      caseName: 'reads',
      seconds: 10,
      connections: undefined,
      jsonName: undefined,
    });
  });

  it('reads seconds, connections and the name of the JSON file in any order', () => {
    expect(parseOptions(['--json', 'a.json', 'writes', '--connections=300', '--seconds', '5'], CASES)).toEqual({
      caseName: 'writes',
      seconds: 5,
      connections: 300,
      jsonName: 'a.json',
    });
  });

  it('gives nothing when help is asked for', () => {
    expect(parseOptions(['--help'], CASES)).toBeUndefined();
  });

  it.each([
    [[], 'Expected one case of: reads, writes; got none.'],
    [['other'], 'Expected one case of: reads, writes; got "other".'],
    [['reads', 'writes'], 'Expected one case of: reads, writes; got "reads" "writes".'],
    [['reads', '--seconds', '0'], 'Expected --seconds as a whole number from 1 to 3600; got "0".'],
    [['reads', '--seconds', '2.5'], 'Expected --seconds as a whole number from 1 to 3600; got "2.5".'],
    [['reads', '--connections', '1001'], 'Expected --connections as a whole number from 1 to 1000; got "1001".'],
    [
      ['reads', '--json', '../a.json'],
      'Expected --json as a file name such as reads.json, which is put into bench/results; got "../a.json".',
    ],
  ])('refuses %j', (argv, message) => {
    expect(() => parseOptions(argv, CASES)).toThrow(new OptionsError(message));
  });

  it('refuses an option that it does not know', () => {
    expect(() => parseOptions(['reads', '--fast'], CASES)).toThrow(OptionsError);
  });
});
