/** For this package's tests: people with keys, a node in memory on a fake clock, and transactions in one line. */
import { fakeClock, seededIds, systemClock, type FakeClock } from '@jigeum/std';
import {
  decodeReceipt,
  encodeSct20,
  estimateGas,
  GAS_PRICE_HUG,
  generatePrivateKey,
  HUG_PER_SYM,
  keyHash,
  makeSymId,
  signTransaction,
  type Receipt,
  type Sct20Call,
  type SignedTransaction,
  type SymId,
  type TransactionType,
  type UnsignedTransaction,
} from '@jigeum/symverse';
import { nativeCrypto } from '@jigeum/symverse/native';
import { completeGenesis, type Genesis } from './genesis.ts';
import { createWorkNode, type SubmitOutcome, type WorkNode, type WorkNodeEvent, type WorkNodeOptions } from './node.ts';
import { createDispatch } from './rpc/dispatch.ts';
import { rpcHandlers } from './rpc/methods.ts';
import { createUntaken } from './rpc/untaken.ts';
import { createMemoryStorage } from './storage/memory.ts';
import type { NodeStorage } from './storage/storage.ts';
import { systemTimers, type Timers } from './timers.ts';

export { BODY_BYTES_MAX } from './rpc/json-body.ts';

export const CHAIN_ID = 7777n;
export const PEOPLE = ['alice', 'bob', 'carol', 'dave'] as const;
export type Name = (typeof PEOPLE)[number];
/** What each person has at genesis. */
export const START_HUG = 100n * HUG_PER_SYM;

export interface TestPerson {
  readonly symId: SymId;
  readonly privateKey: Uint8Array;
}

/** Timers that call only when told to; `soon` calls at the end of the turn, as the machine's do. */
export interface ManualTimers extends Timers {
  /** Calls what is due within so many milliseconds, in order of time. */
  advance(ms: number): void;
}

export interface TestWorld {
  readonly clock: FakeClock;
  readonly timers: ManualTimers;
  readonly storage: NodeStorage;
  readonly genesis: Genesis;
  readonly keys: { readonly sealer: Uint8Array; readonly ca: Uint8Array };
  readonly people: Readonly<Record<Name, TestPerson>>;
  readonly node: WorkNode;
  readonly events: WorkNodeEvent[];
  /** Signs with the sender's next nonce and the exact gas, unless told otherwise. */
  sign(from: Name, fields: Partial<UnsignedTransaction> & { readonly to: SymId | null }): SignedTransaction;
  signCall(
    from: Name,
    contract: SymId | null,
    call: Sct20Call,
    fields?: Partial<UnsignedTransaction>,
  ): SignedTransaction;
  submit(signed: Pick<SignedTransaction, 'raw'>): Promise<SubmitOutcome>;
  /** Answers a JSON-RPC body as the node's server does; what it would report as its own failure is thrown. */
  answer(body: Uint8Array): Promise<string | undefined>;
  /** Submits, seals, and gives the receipt. */
  run(signed: SignedTransaction): Promise<Receipt>;
  /** Creates the token of the tests: 1,000 EST of alice. */
  createToken(): Promise<SymId>;
  /** The same chain in another node, as after a restart. */
  reopen(): TestWorld;
}

interface WorldOptions {
  readonly seed?: string;
  readonly storage?: NodeStorage;
  readonly node?: Partial<WorkNodeOptions>;
}

/** A world of one seed: the same seed gives the same keys, SymIDs and genesis. */
export function createWorld(options: WorldOptions = {}): TestWorld {
  const { seed = 'worknode', storage = createMemoryStorage() } = options;
  const ids = seededIds(seed);
  const clock = fakeClock();
  const timers = manualTimers(clock);
  const keys = { sealer: generatePrivateKey(ids), ca: generatePrivateKey(ids) };
  const people = Object.fromEntries(
    PEOPLE.map((name) => [
      name,
      { symId: makeSymId({ caId: 2, random: ids.bytes(6), seq: 2 }), privateKey: generatePrivateKey(ids) },
    ]),
  ) as Record<Name, TestPerson>;
  const genesis = completeGenesis(
    {
      chainId: CHAIN_ID,
      timestamp: Math.floor(clock.nowMs() / 1000),
      caId: 2,
      caKeyHash: hashOf(keys.ca),
      sealerKeyHash: hashOf(keys.sealer),
      citizens: PEOPLE.map((name) => ({ symId: people[name].symId, keyHash: hashOf(people[name].privateKey) })),
      allocations: new Map(PEOPLE.map((name) => [people[name].symId, START_HUG])),
      tokens: [],
      contractAddressRule: 'current',
    },
    { chainId: CHAIN_ID, caId: 2, timestamp: 0, caKeyHash: new Uint8Array(20), sealerKeyHash: new Uint8Array(20) },
  );
  const events: WorkNodeEvent[] = [];
  const node = createWorkNode(
    { clock, timers, storage, crypto: nativeCrypto, report: (event) => void events.push(event) },
    { genesis, sealerKey: keys.sealer, ...options.node },
  );

  const failures: unknown[] = [];
  const dispatch = createDispatch({
    handlers: rpcHandlers(node),
    // A large batch gives way to others by the time of the machine; on the fake clock it never would.
    clock: systemClock,
    timers: systemTimers,
    untaken: createUntaken(),
    report: (error) => void failures.push(error),
  });
  const world: TestWorld = {
    clock,
    timers,
    storage,
    genesis,
    keys,
    people,
    node,
    events,
    sign(from, fields) {
      const { symId, privateKey } = people[from];
      const type: TransactionType = fields.type ?? 0;
      const input = fields.input ?? new Uint8Array(0);
      const unsigned: UnsignedTransaction = {
        from: symId,
        nonce: node.pool.nextNonce(symId),
        gasPrice: GAS_PRICE_HUG,
        gas: estimateGas({ to: fields.to, input, type }),
        value: 0n,
        workNodes: [genesis.sealer.symId],
        extraData: new Uint8Array(0),
        ...fields,
        type,
        input,
      };
      return signTransaction(unsigned, CHAIN_ID, privateKey, nativeCrypto);
    },
    signCall: (from, contract, call, fields = {}) =>
      world.sign(from, { to: contract, type: 1, input: encodeSct20(call), ...fields }),
    submit: ({ raw }) => node.submit(raw),
    async answer(body) {
      const text = await dispatch(body);
      if (failures.length > 0) throw new Error('The node reported a failure of its own.', { cause: failures[0] });
      return text;
    },
    async run(signed) {
      const outcome = await node.submit(signed.raw);
      if (outcome.kind !== 'accepted')
        throw new Error(`Expected the transaction to be accepted, got ${JSON.stringify(outcome)}.`);
      node.seal();
      const found = storage.transaction(signed.hash);
      if (found === undefined) throw new Error(`Expected ${signed.hashHex} in a block.`);
      return decodeReceipt(found.row.receipt);
    },
    async createToken() {
      const call: Sct20Call = {
        method: 'create',
        name: 'eSportsToken',
        symbol: 'EST',
        amount: 1000n,
        owner: people.alice.symId,
      };
      const { contractAddress } = await world.run(world.signCall('alice', null, call));
      if (contractAddress === null) throw new Error('Expected the token to be created.');
      return contractAddress;
    },
    reopen: () => createWorld({ ...options, seed, storage }),
  };
  return world;
}

/** The key hash of a private key. */
export const hashOf = (privateKey: Uint8Array): Uint8Array =>
  keyHash(nativeCrypto.publicKey(privateKey), nativeCrypto.sha3);

function manualTimers(clock: FakeClock): ManualTimers {
  let waiting: { atMs: number; call: () => void }[] = [];
  return {
    after(ms, call) {
      const entry = { atMs: clock.monotonicMs() + ms, call };
      waiting.push(entry);
      return () => {
        waiting = waiting.filter((other) => other !== entry);
      };
    },
    soon: (call) => queueMicrotask(call),
    advance(ms) {
      const untilMs = clock.monotonicMs() + ms;
      for (;;) {
        const [next] = waiting.filter((entry) => entry.atMs <= untilMs).sort((left, right) => left.atMs - right.atMs);
        if (next === undefined) break;
        waiting = waiting.filter((entry) => entry !== next);
        clock.advance(Math.max(0, next.atMs - clock.monotonicMs()));
        next.call();
      }
      // What was called may have taken time.
      clock.advance(Math.max(0, untilMs - clock.monotonicMs()));
    },
  };
}
