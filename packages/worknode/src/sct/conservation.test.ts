/** Random people make random calls: nothing that counts is made or lost, and a refused call leaves only its fee behind. */
import { expect, test } from 'vitest';
import fc from 'fast-check';
import { assert } from '@jigeum/std';
import {
  encodeSct20,
  encodeSct21,
  encodeSct22,
  encodeSct30,
  encodeSct40,
  estimateGas,
  GAS_PRICE_HUG,
  HUG_PER_SYM,
  makeSymId,
  SCT20_METHODS,
  SCT21_METHODS,
  SCT22_METHODS,
  SCT30_METHODS,
  SCT40_METHODS,
  sha3_256,
  type Receipt,
  type SymId,
} from '@jigeum/symverse';
import { execute } from '../execute/execute.ts';
import { accountOf } from '../state/accounts.ts';
import type { ContractState } from '../state/contract-row.ts';
import { citizenOf, createMapState, type MapState } from '../state/testing.ts';
import { indexesIn, indexesOf } from './items.ts';
import { STRANGER } from './testing.ts';

const person = (seq: number): SymId => makeSymId({ caId: 2, random: Uint8Array.of(1, 1, 1, 1, 1, 1), seq });
const [CREATOR, OWNER, CAROL, SEALER] = [person(2), person(3), person(4), person(5)];
const PEOPLE: readonly SymId[] = [CREATOR, OWNER, CAROL];
const START_HUG = 10_000n * HUG_PER_SYM;
const CATEGORIES = ['a', 'b'];
const POINTS = 100n;

interface Scene {
  readonly state: MapState;
  readonly contract: SymId;
  run(caller: SymId, input: Uint8Array): Receipt;
}

function sceneWith(createInput: Uint8Array): Scene {
  const state = createMapState();
  for (const symId of [...PEOPLE, SEALER]) {
    state.set('account', symId, { balance: START_HUG, nonce: 0n, deposit: 0n });
    state.set('citizen', symId, citizenOf(SEALER));
  }
  const env = { sealer: SEALER, contractAddressRule: 'current', sha3: sha3_256 } as const;
  const runTo = (from: SymId, to: SymId | null, input: Uint8Array): Receipt => {
    const transaction = {
      from,
      to,
      input,
      type: 1,
      nonce: accountOf(state, from).nonce,
      gasPrice: GAS_PRICE_HUG,
      gas: estimateGas({ to, input, type: 1 }),
      value: 0n,
      workNodes: [],
      extraData: new Uint8Array(0),
      v: 0,
      r: 1n,
      s: 1n,
    } as const;
    return execute(state, env, { transaction, gasBefore: 0n });
  };
  const { contractAddress: contract } = runTo(CREATOR, null, createInput);
  assert(contract !== null, 'the contract is created');
  return { state, contract, run: (caller, input) => runTo(caller, contract, input) };
}

/** Small numbers, so that calls succeed about as often as they fail. */
const small = fc.bigInt({ min: 0n, max: 30n });
const somebody = fc.constantFrom(...PEOPLE, ...PEOPLE, STRANGER);
const thing = fc.record({
  type: fc.constant('t'),
  name: fc.constant('n'),
  value: fc.bigInt({ min: 0n, max: 9n }),
  point: fc.bigInt({ min: 0n, max: 9n }),
  category: fc.constantFrom(...CATEGORIES),
  groupNo: fc.constantFrom(...CATEGORIES),
  property: fc.constant(''),
  couponNo: fc.constant(''),
  description: fc.constant(''),
  etc: fc.constant(''),
});
const things = fc.array(thing, { minLength: 1, maxLength: 3 });
const ARGUMENTS: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  to: somebody,
  from: somebody,
  owner: somebody,
  amount: small,
  lockAmount: small,
  cpoint: small,
  index: fc.bigInt({ min: 0n, max: 3n }),
  name: fc.constant('Name'),
  symbol: fc.constant('SYM'),
  items: things,
  coupons: things,
};

type Row =
  | { method: string; params: readonly (readonly [string, unknown])[] }
  | { method: string; each: readonly [string, unknown] };

/** What needs the right three people to succeed is tried more often. */
const WEIGHTS: Readonly<Record<string, number>> = { transferFrom: 12, approve: 6, createItem: 2, createCoupon: 2 };

/** Any call of a template by anybody. */
const callOf = (methods: readonly Row[]): fc.Arbitrary<{ caller: SymId; call: { method: string } }> =>
  fc.record({
    caller: fc.constantFrom(...PEOPLE),
    call: fc.oneof(...methods.map((row) => ({ weight: WEIGHTS[row.method] ?? 1, arbitrary: anyOf(row) }))),
  });

/** A call of one method. */
function anyOf(row: Row): fc.Arbitrary<{ method: string }> {
  const names = 'params' in row ? row.params.map(([name]) => name) : [row.each[0]];
  const values = Object.fromEntries(names.map((name) => [name, ARGUMENTS[name]!]));
  return fc.record({ method: fc.constant(row.method), ...values });
}

const create = { method: 'create', name: 'Name', symbol: 'SYM', owner: OWNER } as const;
const TEMPLATES: [string, readonly Row[], (call: never) => Uint8Array, object][] = [
  ['SCT20', SCT20_METHODS, encodeSct20, { ...create, amount: 100n }],
  ['SCT21', SCT21_METHODS, encodeSct21, { ...create, amount: 100n, lockAmount: 40n }],
  ['SCT22', SCT22_METHODS, encodeSct22, { ...create, amount: 100n }],
  ['SCT30', SCT30_METHODS, encodeSct30, create],
  ['SCT40', SCT40_METHODS, encodeSct40, { ...create, cpoint: POINTS }],
];

const ROUNDS_MAX = 10;

test.each(TEMPLATES)('%s conserves what it holds, whoever calls what', (_name, methods, encode, creation) => {
  const succeeded = new Set<string>();
  const property = fc.property(fc.array(callOf(methods), { minLength: 30, maxLength: 120, size: 'max' }), (calls) => {
    const { state, contract, run } = sceneWith(encode(creation as never));
    for (const { caller, call } of calls) {
      const before = state.picture();
      const { nonce } = accountOf(state, caller);
      const { status } = run(caller, encode(call as never));
      if (status === 0) expect(state.picture()).toEqual(before);
      else succeeded.add(call.method);
      expect(accountOf(state, caller).nonce).toBe(nonce + 1n);
      expectCoinsConserved(state);
      const row = state.get('contract', contract)!;
      if (row.template === 'sct30' || row.template === 'sct40') expectItemsConserved(state, contract, row);
      else expectTokensConserved(state, row);
    }
  });
  // What never succeeds conserves nothing: each method but the creation within a contract has to have run, and a rare one may
  // need more calls than one round has.
  const wanted = methods.map(({ method }) => method).filter((method) => method !== 'create');
  for (let round = 0; round < ROUNDS_MAX && succeeded.size < wanted.length; round++)
    fc.assert(property, { numRuns: 60 });
  expect([...succeeded].sort()).toEqual(wanted.toSorted());
});

const sum = (values: readonly bigint[]): bigint => values.reduce((total, value) => total + value, 0n);

function expectCoinsConserved(state: MapState): void {
  const accounts = state.rows('account').map(([, account]) => account);
  expect(sum(accounts.map(({ balance, deposit }) => balance + deposit))).toBe(START_HUG * 4n);
}

function expectTokensConserved(state: MapState, row: ContractState): void {
  const held = state.rows('holding').map(([, amount]) => amount);
  const locked = state.rows('lock').map(([, { amount }]) => amount);
  const pool = row.template === 'sct21' ? row.lock : 0n;
  const allowed = state.rows('allowance').map(([, amount]) => amount);
  expect([pool, ...held, ...locked, ...allowed].every((amount) => amount >= 0n)).toBe(true);
  expect(sum(held) + sum(locked) + pool).toBe(row.total);
}

function expectItemsConserved(state: MapState, contract: SymId, row: ContractState): void {
  const items = state.rows('item');
  expect(BigInt(items.length)).toBe(row.total);
  const all = Array.from({ length: items.length }, (_, index) => BigInt(index));
  const order = (left: bigint, right: bigint): number => (left < right ? -1 : 1);
  const owned = PEOPLE.flatMap((symId) => [...indexesOf(state, contract, symId)]);
  expect(owned.toSorted(order)).toEqual(all);
  expect(state.rows('ownedItem').length).toBe(items.length);
  for (const [key, item] of items) {
    const index = BigInt(key.slice(contract.length + 1));
    expect([...indexesOf(state, contract, item.owner)][Number(item.position)]).toBe(index);
  }
  const inCategories = CATEGORIES.flatMap((category) => [...indexesIn(state, contract, category)]);
  expect(inCategories.toSorted(order)).toEqual(all);
  if (row.template === 'sct40') expect(row.cpoint + sum(items.map(([, { value }]) => value))).toBe(POINTS);
}
