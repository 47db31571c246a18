/**
 * What every driver must do, as a list of cases. A driver's test makes a `ConformanceWorld` over a real node and runs them
 * in order, each as a test of its own: they share one chain. They know no chain: a driver passes or it lies.
 */
import { deepEqual, equal, notDeepEqual, ok, rejects } from 'node:assert/strict';
import { bytesToHex } from '@jigeum/std';
import type {
  BroadcastOutcome,
  ChainDriver,
  ContractCall,
  SignedTransaction,
  Signer,
  TransactionOutcome,
  UnsignedIntent,
} from './driver.ts';
import { ChainUnreachable } from './outcomes.ts';

/** A key that the chain knows, and its address. */
export interface ConformanceParty {
  address: string;
  signer: Signer;
}

/** What a driver's test provides: one node, asked in three ways. */
export interface ConformanceWorld {
  driver: ChainDriver;
  /** The same node, but each answer to a broadcast is lost after the node has taken it. */
  losing: ChainDriver;
  /** The same node, but each answer is garbage that no client could have expected. */
  garbling: ChainDriver;
  /** Nobody listens there. */
  away: ChainDriver;
  /** Has native coin and has sent nothing yet. */
  rich: ConformanceParty;
  /** Exists and has no coin. */
  poor: ConformanceParty;
  /** No address of a party or contract of this chain. */
  nobody: string;
}

/** One rule. Cases run in the order of the list. */
export interface ConformanceCase {
  name: string;
  run(world: ConformanceWorld): Promise<void>;
}

type FinalOutcome = Extract<TransactionOutcome, { kind: 'final' }>;

/** Ten seconds: ten blocks of a chain that makes one a second. */
const WAIT_MS = 10_000;
const POLL_MS = 50;
const SUPPLY = 1_000_000n;
const UNKNOWN_HASH = new Uint8Array(32).fill(0xee);

export const driverConformance: readonly ConformanceCase[] = [
  {
    name: 'signs the same bytes for the same intent, nonce and key',
    async run({ driver, rich, poor }) {
      const one = await signNext(driver, rich, { kind: 'native', to: poor.address, amount: 1n });
      const same = await signNext(driver, rich, { kind: 'native', to: poor.address, amount: 1n });
      const other = await signNext(driver, rich, { kind: 'native', to: poor.address, amount: 2n });
      deepEqual(one, same);
      notDeepEqual(one.hash, other.hash);
    },
  },
  {
    name: 'knows nothing of a hash that was never sent',
    async run({ driver }) {
      deepEqual(await driver.outcomes([UNKNOWN_HASH]), [{ kind: 'absent' }]);
      equal(await driver.transaction(`0x${bytesToHex(UNKNOWN_HASH)}`), null);
      deepEqual(await driver.outcomes([]), []);
    },
  },
  {
    name: 'moves native coin for exactly the fee that it has told',
    async run({ driver, rich, poor }) {
      const intent: UnsignedIntent = { kind: 'native', to: poor.address, amount: 1000n };
      const [richBefore, poorBefore] = await driver.nativeBalances([rich.address, poor.address]);
      const signed = await signNext(driver, rich, intent);
      equal(signed.feeMax, driver.feeOf(intent));
      deepEqual(await driver.broadcast([signed.raw]), [{ kind: 'accepted' }]);
      const outcome = await untilFinal(driver, signed);
      equal(outcome.isSuccess, true);
      equal(outcome.errorCode, null);
      equal(outcome.fee, signed.feeMax);
      const [richAfter, poorAfter] = await driver.nativeBalances([rich.address, poor.address]);
      equal(richBefore! - richAfter!, 1000n + outcome.fee);
      equal(poorAfter! - poorBefore!, 1000n);
      equal(await driver.nativeBalance(poor.address), poorAfter);
    },
  },
  {
    name: 'tells bytes that it was given before from new ones, before and after they are final',
    async run({ driver, rich, poor }) {
      const signed = await signNext(driver, rich, { kind: 'native', to: poor.address, amount: 1n });
      deepEqual(await driver.broadcast([signed.raw]), [{ kind: 'accepted' }]);
      equalKinds(await driver.broadcast([signed.raw]), ['already-known', 'nonce-too-low']);
      await untilFinal(driver, signed);
      equalKinds(await driver.broadcast([signed.raw]), ['already-known', 'nonce-too-low']);
      const outcomes = await driver.outcomes([UNKNOWN_HASH, signed.hash]);
      deepEqual(
        outcomes.map((outcome) => outcome.kind),
        ['absent', 'final'],
      );
    },
  },
  {
    name: 'keeps the bytes of a note, which moves nothing and costs exactly the fee that it has told',
    async run({ driver, rich, poor }) {
      const intent: UnsignedIntent = { kind: 'note', to: rich.address, data: Uint8Array.of(0, 1, 2, 255) };
      const before = await driver.nativeBalance(rich.address);
      const note = await signNext(driver, rich, intent);
      deepEqual(await driver.broadcast([note.raw]), [{ kind: 'accepted' }]);
      const outcome = await untilFinal(driver, note);
      equal(outcome.fee, driver.feeOf(intent));
      equal(await driver.nativeBalance(rich.address), before - outcome.fee);
      const found = (await driver.block(outcome.blockNumber))!.transactions.find(
        ({ raw }) => raw === `0x${bytesToHex(note.raw)}`,
      );
      deepEqual([...driver.noteOf(found!.raw!)!], [0, 1, 2, 255]);
      const coin = await signNext(driver, rich, { kind: 'native', to: poor.address, amount: 1n });
      equal(driver.noteOf(`0x${bytesToHex(coin.raw)}`), null);
    },
  },
  {
    name: 'refuses a nonce that is used',
    async run({ driver, rich, poor }) {
      const signed = driver.sign({
        intent: { kind: 'native', to: poor.address, amount: 77n },
        from: rich.address,
        nonce: 0,
        signer: rich.signer,
      });
      equalKinds(await driver.broadcast([signed.raw]), ['nonce-too-low']);
      deepEqual(await driver.outcomes([signed.hash]), [{ kind: 'absent' }]);
    },
  },
  {
    name: 'refuses more coin than the sender has',
    async run({ driver, rich, poor }) {
      const amount = 10n ** 60n;
      const signed = await signNext(driver, poor, { kind: 'native', to: rich.address, amount });
      equalKinds(await driver.broadcast([signed.raw]), ['funds-too-low']);
    },
  },
  {
    name: 'refuses a signature of another key and bytes that are no transaction',
    async run({ driver, rich, poor }) {
      const nonce = await driver.finalNonce(rich.address);
      const forged = driver.sign({
        intent: { kind: 'native', to: poor.address, amount: 1n },
        from: rich.address,
        nonce,
        signer: poor.signer,
      });
      equalKinds(await driver.broadcast([forged.raw]), ['invalid']);
      equalKinds(await driver.broadcast([Uint8Array.of(1, 2, 3)]), ['invalid']);
      equal(await driver.finalNonce(rich.address), nonce);
    },
  },
  {
    name: 'sends many at once in their order, and tells of each by itself',
    async run({ driver, rich, poor }) {
      const first = await driver.finalNonce(rich.address);
      const before = await driver.nativeBalance(poor.address);
      // More than fit into one request, with bytes between them that are no transaction.
      const signed = Array.from({ length: 450 }, (_, index) =>
        driver.sign({
          intent: { kind: 'native', to: poor.address, amount: 1n },
          from: rich.address,
          nonce: first + index,
          signer: rich.signer,
        }),
      );
      const raws = signed.flatMap(({ raw }, index) => (index === 7 ? [Uint8Array.of(7), raw] : [raw]));
      const outcomes = await driver.broadcast(raws);
      deepEqual(
        outcomes.map((outcome) => (outcome.kind === 'refused' ? outcome.reason : outcome.kind)),
        raws.map((_, index) => (index === 7 ? 'invalid' : 'accepted')),
      );
      deepEqual(await driver.broadcast([]), []);
      await untilFinal(driver, signed.at(-1)!);
      equal((await driver.nativeBalance(poor.address)) - before, 450n);
    },
  },
  {
    name: 'calls every transaction of a lost answer unknown, and each is on the chain once',
    async run({ driver, losing, rich, poor }) {
      const first = await driver.finalNonce(rich.address);
      const before = await driver.nativeBalance(poor.address);
      const signed = [0, 1, 2].map((index) =>
        driver.sign({
          intent: { kind: 'native', to: poor.address, amount: 10n },
          from: rich.address,
          nonce: first + index,
          signer: rich.signer,
        }),
      );
      const raws = signed.map(({ raw }) => raw);
      for (const outcome of await losing.broadcast(raws)) equal(outcome.kind, 'unknown');
      await untilFinal(driver, signed.at(-1)!);
      equalKinds([(await driver.broadcast(raws))[0]!], ['already-known', 'nonce-too-low']);
      equal((await driver.nativeBalance(poor.address)) - before, 30n);
    },
  },
  {
    name: 'proves a transaction absent only where another one has used its nonce',
    async run({ driver, rich, poor }) {
      const nonce = await driver.finalNonce(rich.address);
      const sign = (amount: bigint, at: number) =>
        driver.sign({
          intent: { kind: 'native', to: poor.address, amount },
          from: rich.address,
          nonce: at,
          signer: rich.signer,
        });
      const [ours, foreign, later] = [sign(1n, nonce), sign(2n, nonce), sign(3n, nonce + 1)];
      const ask = async () => {
        const proofs = await driver.provenAbsent([
          { from: rich.address, nonce, hash: ours.hash },
          { from: rich.address, nonce, hash: foreign.hash },
          { from: rich.address, nonce: nonce + 1, hash: later.hash },
        ]);
        return proofs.map(({ isProven }) => isProven);
      };
      deepEqual(await ask(), [false, false, false]);
      deepEqual(await driver.broadcast([foreign.raw]), [{ kind: 'accepted' }]);
      await untilFinal(driver, foreign);
      deepEqual(await ask(), [true, false, false]);
      const [proof] = await driver.provenAbsent([{ from: rich.address, nonce, hash: ours.hash }]);
      equal(proof!.finalNonce, nonce + 1);
      deepEqual(await driver.provenAbsent([]), []);
    },
  },
  {
    name: 'calls a lost answer unknown, and the transaction is on the chain once',
    async run({ driver, losing, rich, poor }) {
      const before = await driver.nativeBalance(poor.address);
      const signed = await signNext(driver, rich, { kind: 'native', to: poor.address, amount: 500n });
      equalKinds(await losing.broadcast([signed.raw]), ['unknown']);
      await losing.broadcast([signed.raw]);
      equal((await untilFinal(driver, signed)).isSuccess, true);
      equal((await driver.nativeBalance(poor.address)) - before, 500n);
    },
  },
  {
    name: 'calls garbage unknown, and reads nothing from it',
    async run({ driver, garbling, rich, poor }) {
      const signed = await signNext(driver, rich, { kind: 'native', to: poor.address, amount: 1n });
      equalKinds(await garbling.broadcast([signed.raw]), ['unknown']);
      await rejects(garbling.head(), ChainUnreachable);
      await rejects(garbling.outcomes([signed.hash]), ChainUnreachable);
      await rejects(garbling.provenAbsent([{ from: rich.address, nonce: 0, hash: signed.hash }]), ChainUnreachable);
      await rejects(garbling.nativeBalance(rich.address), ChainUnreachable);
    },
  },
  {
    name: 'calls a node that is away unknown, and throws on reads',
    async run({ driver, away, rich, poor }) {
      const signed = await signNext(driver, rich, { kind: 'native', to: poor.address, amount: 1n });
      equalKinds(await away.broadcast([signed.raw]), ['unknown']);
      await rejects(away.head(), ChainUnreachable);
      await rejects(away.outcomes([signed.hash]), ChainUnreachable);
      await rejects(away.tokenBalances(rich.address, [poor.address]), ChainUnreachable);
    },
  },
  {
    name: 'creates a token, moves, mints, burns and pauses it, each for exactly its fee',
    async run({ driver, rich, poor, nobody }) {
      const created = await act(driver, rich, {
        kind: 'create',
        name: 'Conformance',
        symbol: 'CONF',
        supply: SUPPLY,
        owner: rich.address,
      });
      equal(created.isSuccess, true);
      const contract = created.contract!;
      ok(contract !== null, 'a creation tells its contract');
      const facts = await driver.contractFacts(contract);
      deepEqual(
        {
          name: facts!.name,
          symbol: facts!.symbol,
          owner: facts!.owner,
          creator: facts!.creator,
          supply: facts!.supply,
        },
        { name: 'Conformance', symbol: 'CONF', owner: rich.address, creator: rich.address, supply: SUPPLY },
      );
      deepEqual(await driver.tokenBalances(contract, [poor.address, rich.address, nobody]), [0n, SUPPLY, 0n]);

      equal((await act(driver, rich, { kind: 'transfer', contract, to: poor.address, amount: 300n })).isSuccess, true);
      equal((await act(driver, rich, { kind: 'mint', contract, to: rich.address, amount: 50n })).isSuccess, true);
      equal((await act(driver, rich, { kind: 'burn', contract, from: rich.address, amount: 20n })).isSuccess, true);
      deepEqual(await driver.tokenBalances(contract, [poor.address, rich.address]), [300n, SUPPLY - 270n]);
      equal((await driver.contractFacts(contract))!.supply, SUPPLY + 30n);

      const before = driver.stateAt(created.blockNumber);
      deepEqual(await before.tokenBalances(contract, [poor.address, rich.address, nobody]), [0n, SUPPLY, 0n]);
      equal(await before.supply(contract), SUPPLY);
      equal(await driver.stateAt(created.blockNumber - 1).supply(contract), null);
      const now = driver.stateAt((await driver.head()).number);
      deepEqual(await now.nonces([rich.address, nobody]), [await driver.finalNonce(rich.address), 0]);
      deepEqual(await now.nativeBalances([rich.address]), [await driver.nativeBalance(rich.address)]);
      ok((await before.nonces([rich.address]))[0]! < (await now.nonces([rich.address]))[0]!, 'a nonce of then');

      const overdrawn = await act(driver, rich, { kind: 'transfer', contract, to: poor.address, amount: SUPPLY * 2n });
      equal(overdrawn.isSuccess, false);
      ok(overdrawn.errorCode !== null, 'a failure tells its code');
      const active = (await driver.contractFacts(contract))!.stateCode;
      equal((await act(driver, rich, { kind: 'pause', contract })).isSuccess, true);
      notDeepEqual((await driver.contractFacts(contract))!.stateCode, active);
      const paused = await act(driver, rich, { kind: 'transfer', contract, to: poor.address, amount: 1n });
      equal(paused.isSuccess, false);
      notDeepEqual(paused.errorCode, overdrawn.errorCode);
      equal((await act(driver, rich, { kind: 'unpause', contract })).isSuccess, true);
      equal((await driver.contractFacts(contract))!.stateCode, active);
      deepEqual(await driver.tokenBalances(contract, [poor.address, rich.address]), [300n, SUPPLY - 270n]);
    },
  },
  {
    name: 'shows blocks that follow one another and hold the transactions that it calls final',
    async run({ driver, rich, poor, nobody }) {
      const signed = await signNext(driver, rich, { kind: 'native', to: poor.address, amount: 5n });
      await driver.broadcast([signed.raw]);
      const outcome = await untilFinal(driver, signed);
      const block = await driver.block(outcome.blockNumber);
      const before = await driver.block(outcome.blockNumber - 1);
      equal(block!.hash, outcome.blockHash);
      equal(block!.parentHash, before!.hash);
      const hash = `0x${bytesToHex(signed.hash)}`;
      const shown = block!.transactions.find((transaction) => transaction.hash === hash);
      deepEqual(shown, await driver.transaction(hash));
      deepEqual(
        { from: shown.from, to: shown.to, value: shown.value, kind: shown.kind, raw: shown.raw },
        { from: rich.address, to: poor.address, value: 5n, kind: 'transfer', raw: `0x${bytesToHex(signed.raw)}` },
      );
      deepEqual(shown.outcome, outcome);
      equal(driver.headerFacts(block!.header)['parentHash'], before!.hash);
      ok(block!.size > 0, 'a block has a size');
      const head = await driver.head();
      ok(head.number >= outcome.blockNumber, 'the head is not behind a final block');
      equal(await driver.block(head.number + 1_000_000), null);
      equal(await driver.contractFacts(nobody), null);
      equal(await driver.identity(nobody), null);
      ok((await driver.identity(rich.address)) !== null, 'a party is known');
      equal(await driver.deposit(rich.address), 0n);
    },
  },
];

async function signNext(
  driver: ChainDriver,
  party: ConformanceParty,
  intent: UnsignedIntent,
): Promise<SignedTransaction> {
  const nonce = await driver.finalNonce(party.address);
  return driver.sign({ intent, from: party.address, nonce, signer: party.signer });
}

/** Signs, sends and waits. A success costs exactly what was told, a failure at most that. */
async function act(driver: ChainDriver, party: ConformanceParty, call: ContractCall): Promise<FinalOutcome> {
  const signed = await signNext(driver, party, call);
  deepEqual(await driver.broadcast([signed.raw]), [{ kind: 'accepted' }]);
  const outcome = await untilFinal(driver, signed);
  if (outcome.isSuccess) equal(outcome.fee, driver.feeOf(call));
  else ok(outcome.fee <= signed.feeMax, 'a failure costs at most the fee that was told');
  return outcome;
}

async function untilFinal(driver: ChainDriver, signed: SignedTransaction): Promise<FinalOutcome> {
  for (let waitedMs = 0; waitedMs < WAIT_MS; waitedMs += POLL_MS) {
    const [outcome] = await driver.outcomes([signed.hash]);
    if (outcome!.kind === 'final') return outcome as FinalOutcome;
    await new Promise((resume) => setTimeout(resume, POLL_MS));
  }
  throw new Error(`Expected 0x${bytesToHex(signed.hash)} to become final within ${WAIT_MS} ms.`);
}

function equalKinds(outcomes: readonly BroadcastOutcome[], expected: readonly string[]): void {
  for (const outcome of outcomes) {
    const kind = outcome.kind === 'refused' ? outcome.reason : outcome.kind;
    ok(expected.includes(kind), `Expected ${expected.join(' or ')}, got ${JSON.stringify(outcome)}.`);
  }
  equal(outcomes.length, 1);
}
