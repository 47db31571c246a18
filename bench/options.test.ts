import { describe, expect, it } from 'vitest';
import { OptionsError, parseOptions } from './options.ts';

const CASES = ['reads', 'writes'];

describe('the options of a bench run', () => {
  const none = {
    ...{ seconds: undefined, connections: undefined, transactions: undefined, accounts: undefined },
    ...{ isJson: false, isProfiled: false },
  };

  it('leaves everything but the case to the case', () => {
    expect(parseOptions(['reads'], CASES)).toEqual({ ...none, caseName: 'reads' });
  });

  it('reads all of them in any order', () => {
    const argv = ['--json', 'writes', '--connections=300', '--seconds', '5', '--cpu-prof'];
    const expected = { ...none, caseName: 'writes', seconds: 5, connections: 300, isJson: true, isProfiled: true };
    expect(parseOptions(argv, CASES)).toEqual(expected);
    const growth = parseOptions(['reads', '--transactions', '1000000', '--accounts', '100000'], CASES);
    expect(growth).toEqual({ ...none, caseName: 'reads', transactions: 1_000_000, accounts: 100_000 });
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
    [['reads', '--accounts', '100001'], 'Expected --accounts as a whole number from 1 to 100000; got "100001".'],
  ])('refuses %j', (argv, message) => {
    expect(() => parseOptions(argv, CASES)).toThrow(new OptionsError(message));
  });

  it('refuses an option that it does not know', () => {
    expect(() => parseOptions(['reads', '--fast'], CASES)).toThrow(OptionsError);
  });
});
