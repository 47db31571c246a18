/** For the tests of templates: a world with one contract, and calls on it in one line. */
import { makeSymId, type Receipt, type SymId } from '@jigeum/symverse';
import { createWorld, type Name, type TestWorld } from '../testing.ts';

/** A SymID that no CA has issued. */
export const STRANGER = makeSymId({ caId: 2, random: Uint8Array.of(9, 9, 9, 9, 9, 9), seq: 2 });

export interface Scene<Call> {
  readonly world: TestWorld;
  /** SymIDs of the people. */
  readonly ids: Readonly<Record<Name, SymId>>;
  readonly contract: SymId;
  /** Sends a call, seals, and gives the receipt. */
  call(from: Name, call: Call): Promise<Receipt>;
  /** Sends calls that must succeed. */
  callAll(calls: readonly (readonly [from: Name, call: Call])[]): Promise<void>;
  /** Every row but coins and nonces. */
  rows(): readonly unknown[];
}

/** A contract of alice, made by the creating call, in a world of its own or in one that has others. */
export async function sceneOf<Call>(
  encode: (call: Call) => Uint8Array,
  create: (ids: Readonly<Record<Name, SymId>>) => Call,
  world = createWorld(),
): Promise<Scene<Call>> {
  const { alice, bob, carol, dave } = world.people;
  const ids = { alice: alice.symId, bob: bob.symId, carol: carol.symId, dave: dave.symId };
  const made = await world.run(world.sign('alice', { type: 1, to: null, input: encode(create(ids)) }));
  if (made.contractAddress === null) throw new Error(`Expected a contract, got error ${made.errCode}.`);
  const contract = made.contractAddress;
  const scene: Scene<Call> = {
    world,
    ids,
    contract,
    call: (from, call) => world.run(world.sign(from, { type: 1, to: contract, input: encode(call) })),
    async callAll(calls) {
      for (const [from, call] of calls) {
        const { errCode } = await scene.call(from, call);
        if (errCode !== 0n)
          throw new Error(`Expected ${JSON.stringify(call, text)} of ${from} to succeed, got ${errCode}.`);
      }
    },
    rows: () => [...world.storage.state()].filter(({ table }) => table !== 'account'),
  };
  return scene;
}

const text = (_key: string, value: unknown): unknown => (typeof value === 'bigint' ? value.toString() : value);
