import { toHex0x } from '@jigeum/std';
import {
  EMPTY_TRIE_ROOT,
  parseSymId,
  PROVEN_TABLE,
  sha3_256,
  statePath,
  trieRoot,
  verifyTrieProof,
  type SymId,
} from '@jigeum/symverse';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rowPath } from './row-path.ts';
import { createState, DECODED_MAX, type State, type StateRow } from './state.ts';
import {
  decodeValue,
  encodeValue,
  holdingKey,
  ROOT_OF_TABLE,
  TABLE_NAMES,
  type AccountState,
  type RootName,
} from './tables.ts';

const symId = (index: number): SymId => parseSymId(`0x0002${index.toString(16).padStart(12, '0')}0002`);
const token = parseSymId('0xff89fc8f8050e05fff64');
const coins = (balance: bigint): AccountState => ({ balance, nonce: 1n, deposit: 0n });
const accountRow = (index: number, balance: bigint | undefined): StateRow => ({
  table: 'account',
  key: symId(index),
  value: balance === undefined ? undefined : encodeValue('account', coins(balance)),
});
const newState = (rows: readonly StateRow[] = []): State => createState(rows, sha3_256);

/** The root of all rows of a state, by the definition in docs/protocol/tries.md. */
const definedRoot = (state: State, root: RootName): Uint8Array =>
  trieRoot(
    TABLE_NAMES.filter((table) => ROOT_OF_TABLE[table] === root).flatMap((table) =>
      [...state.rows(table)].map(([key, value]) => ({
        key: rowPath(table, key, sha3_256),
        value: encodeValue(table, value),
      })),
    ),
  );
const rootTexts = (state: State): string[] => Object.values(state.roots()).map(toHex0x);

describe('the state', () => {
  test('takes back what it has brought into its tries when a root cannot be computed', () => {
    let isFailing = false;
    const state = createState([accountRow(1, 1n)], (bytes) => {
      if (isFailing) throw new RangeError('no memory');
      return sha3_256(bytes);
    });
    const before = rootTexts(state);
    const changes = [accountRow(1, 5n)];
    isFailing = true;
    expect(() => state.rootsAfter(changes)).toThrow('no memory');
    isFailing = false;
    state.apply(changes);
    expect(rootTexts(state)).not.toEqual(before);
    expect(state.roots().coin).toEqual(definedRoot(state, 'coin'));
  });

  test('keeps decoded what was read lately and what has changed, and reads the same of all others', () => {
    const count = DECODED_MAX + 3;
    const state = newState(Array.from({ length: count }, (_, index) => accountRow(index, 5n)));
    const read = (index: number): AccountState => state.get('account', symId(index))!;
    const first = [0, 1, 2].map(read);
    expect([0, 1, 2].map(read).every((account, index) => account === first[index])).toBe(true);
    state.apply([accountRow(1, 7n), accountRow(2, undefined)]);
    const changed = read(1);
    for (let index = 3; index < count; index++) read(index);
    // The first three have given their places to the last three.
    expect(read(0)).toEqual(coins(5n));
    expect(read(0)).not.toBe(first[0]);
    expect(read(1)).toBe(changed);
    expect(changed).toEqual(coins(7n));
    expect(state.get('account', symId(2))).toBeUndefined();
    expect(read(3)).toEqual(coins(5n));
    state.apply([accountRow(2, 9n), accountRow(3, 1n)]);
    for (let index = 4; index < count; index++) read(index);
    expect([1, 2, 3].map((index) => read(index).balance)).toEqual([7n, 9n, 1n]);
    expect(rootTexts(state)).toEqual(
      rootTexts(
        newState(
          [5n, 7n, 9n, 1n, ...Array.from({ length: count - 4 }, () => 5n)].map((balance, index) =>
            accountRow(index, balance),
          ),
        ),
      ),
    );
  });

  test('without rows has the root of a trie without entries, three times', () => {
    expect(newState().roots()).toEqual({ coin: EMPTY_TRIE_ROOT, sct: EMPTY_TRIE_ROOT, citizen: EMPTY_TRIE_ROOT });
  });

  test('has the same roots after any blocks as when its rows are loaded anew', () => {
    const someChange = fc.record({
      index: fc.nat({ max: 12 }),
      amount: fc.option(fc.bigInt({ min: 1n, max: 1n << 100n }), { nil: undefined, freq: 2 }),
      table: fc.constantFrom('account' as const, 'holding' as const),
    });
    const block = fc.record({ changes: fc.array(someChange, { maxLength: 10 }), isGivenUp: fc.boolean() });
    fc.assert(
      fc.property(fc.array(block, { maxLength: 8 }), (blocks) => {
        const state = newState();
        for (const { changes, isGivenUp } of blocks) {
          const overlay = state.overlay();
          for (const { index, amount, table } of changes) {
            if (table === 'account') overlay.set(table, symId(index), amount === undefined ? undefined : coins(amount));
            else overlay.set(table, holdingKey(token, symId(index)), amount);
          }
          const rows = overlay.changes();
          const before = rootTexts(state);
          const after = state.rootsAfter(rows);
          expect(rootTexts(state)).toEqual(before);
          if (isGivenUp) continue;
          state.apply(rows);
          expect(state.roots()).toEqual(after);
          expect(toHex0x(after.coin)).toBe(toHex0x(definedRoot(state, 'coin')));
          expect(toHex0x(after.sct)).toBe(toHex0x(definedRoot(state, 'sct')));
        }
        const stored = TABLE_NAMES.flatMap((table) =>
          [...state.rows(table)].map(([key, value]): StateRow => ({ table, key, value: encodeValue(table, value) })),
        );
        expect(rootTexts(newState(stored.toReversed()))).toEqual(rootTexts(state));
      }),
      { numRuns: 150 },
    );
  });

  test('goes on from loaded rows that nobody has read as from those that it made', () => {
    const made = newState();
    const loaded = newState(Array.from({ length: 40 }, (_unused, index) => accountRow(index, BigInt(index) + 1n)));
    made.apply(Array.from({ length: 40 }, (_unused, index) => accountRow(index, BigInt(index) + 1n)));
    // Rows beside a removed one hang from another depth, so that their nodes are written again from what was loaded.
    const next = [...Array(20).keys()].map((index) => accountRow(index * 2, undefined)).concat(accountRow(1, 77n));
    for (const state of [made, loaded]) state.apply(next);
    expect(toHex0x(loaded.roots().coin)).toBe(toHex0x(made.roots().coin));
    expect(toHex0x(loaded.roots().coin)).toBe(toHex0x(definedRoot(loaded, 'coin')));
    expect([...loaded.rows('account')]).toEqual([...made.rows('account')]);
    expect(loaded.prove('account', symId(3)).value).toEqual(encodeValue('account', coins(4n)));
    expect(loaded.get('account', symId(3))).toEqual(coins(4n));
  });

  test('refuses a stored row twice', () => {
    expect(() => newState([accountRow(1, 5n), accountRow(1, 5n)])).toThrow('of account is stored once');
  });

  test('shows readers nothing of changes whose roots were only asked for', () => {
    const state = newState([accountRow(1, 5n), accountRow(2, 7n)]);
    state.rootsAfter([accountRow(1, 6n), accountRow(2, undefined), accountRow(3, 1n)]);
    expect([...state.rows('account')]).toEqual([
      [symId(1), coins(5n)],
      [symId(2), coins(7n)],
    ]);
    expect(state.get('account', symId(3))).toBeUndefined();
    expect(state.count('account')).toBe(2);
    const { value, proof } = state.prove('account', symId(2));
    expect(verifyTrieProof(state.roots().coin, statePath('account', [symId(2)]), proof)).toEqual(value);
    expect(decodeValue('account', value!)).toEqual(coins(7n));
  });

  test('applies other changes than those whose roots were asked for last', () => {
    const state = newState([accountRow(1, 5n)]);
    state.rootsAfter([accountRow(1, 6n), accountRow(2, 9n)]);
    state.apply([accountRow(1, 8n)]);
    expect(toHex0x(state.roots().coin)).toBe(toHex0x(newState([accountRow(1, 8n)]).roots().coin));
    expect(state.get('account', symId(2))).toBeUndefined();
  });

  test('proves a row and its absence under the root of its table', () => {
    const key = holdingKey(token, symId(1));
    const rows = Array.from({ length: 50 }, (_unused, index) => accountRow(index, BigInt(index + 1)));
    const state = newState([...rows, { table: 'holding', key, value: encodeValue('holding', 3n) }]);
    const { coin, sct } = state.roots();
    const account = state.prove('account', symId(7));
    expect(verifyTrieProof(coin, statePath('account', [symId(7)]), account.proof)).toEqual(account.value);
    const nobody = state.prove('account', symId(99));
    expect(nobody.value).toBeNull();
    expect(verifyTrieProof(coin, statePath('account', [symId(99)]), nobody.proof)).toBeNull();
    const holding = state.prove('holding', key);
    expect(verifyTrieProof(sct, statePath('holding', [token, symId(1)]), holding.proof)).toEqual(holding.value);
  });

  test('refuses two changes of one row in one list', () => {
    const state = newState([accountRow(1, 5n)]);
    expect(() => state.rootsAfter([accountRow(1, 6n), accountRow(1, 7n)])).toThrow('one of each row');
  });
});

describe('the path of a row', () => {
  test('is SHA3-256 of the table number, the addresses, and numbers in eight bytes', () => {
    expect(rowPath('account', symId(5), sha3_256)).toEqual(statePath('account', [symId(5)]));
    expect(rowPath('holding', holdingKey(token, symId(5)), sha3_256)).toEqual(statePath('holding', [token, symId(5)]));
    const preimage = Uint8Array.of(
      1,
      0xff,
      0x89,
      0xfc,
      0x8f,
      0x80,
      0x50,
      0xe0,
      0x5f,
      0xff,
      0x64,
      0,
      0,
      0,
      0,
      0,
      0,
      1,
      2,
    );
    expect(rowPath('contract', `${token}/258`, sha3_256)).toEqual(sha3_256(preimage));
  });

  test('uses the numbers of the tables that are proven to third parties', () => {
    for (const [table, number] of Object.entries(PROVEN_TABLE)) expect(TABLE_NAMES[number]).toBe(table);
  });

  test.each(['0xABCD', '0xabc', 'x', '01', '-1', '1.5', `0x${'00'.repeat(64)}`, '9'.repeat(20)])(
    'refuses the key %s',
    (key) => {
      expect(() => rowPath('account', key, sha3_256)).toThrow('Expected a key of addresses and numbers');
    },
  );
});
