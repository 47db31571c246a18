/** `ChainDriver` over the simulated node: each call travels there and back, and either way it may be lost, late or doubled. */
import {
  ChainUnreachable,
  type BroadcastOutcome,
  type ChainBlock,
  type ChainDriver,
  type ChainTransaction,
  type ContractFacts,
} from '@jigeum/chain';
import { bytesToHex, fromHex0x } from '@jigeum/std';
import type { Faults } from '../faults.ts';
import type { Owner, Scheduler } from '../scheduler.ts';
import { finalOutcome, type SimulatedNode } from './node.ts';
import type { ChainState, Executed } from './state.ts';
import { feeOf, read as readTransaction, sign } from './transaction.ts';

export const CHAIN_ID = 7;
const TRAVEL_MS = 3;
/** The patience of the real driver. */
const PATIENCE_MS = 5_000;

interface Parts {
  scheduler: Scheduler;
  faults: Faults;
  node: SimulatedNode;
}

/** The node as one process reaches it. */
export function createSimulatedDriver({ scheduler, faults, node }: Parts, owner: Owner): ChainDriver {
  const travel = () => scheduler.sleep(scheduler.latency(TRAVEL_MS), owner, 'travel');
  /** Bytes on the wire reach the node even where their sender dies. */
  const deliver = (raws: readonly Uint8Array[], ms: number): Promise<BroadcastOutcome[]> =>
    new Promise((resume) => void scheduler.after(ms, node, 'receive', () => resume(raws.map(receive))));
  const receive = (raw: Uint8Array): BroadcastOutcome => {
    const outcome = node.receive(raw);
    scheduler.trace.note(`  ${outcome.kind}${outcome.kind === 'refused' ? ` ${outcome.reason}` : ''}`);
    return outcome;
  };
  const unknown = async (raws: readonly Uint8Array[], cause: string): Promise<BroadcastOutcome[]> => {
    await scheduler.sleep(PATIENCE_MS, owner, `no answer: ${cause}`);
    return raws.map(() => ({ kind: 'unknown', cause }));
  };
  async function read<T>(what: string, answer: (isStale: boolean) => T): Promise<T> {
    await travel();
    if (node.isHalted || faults.happens('requestLost')) {
      await scheduler.sleep(PATIENCE_MS, owner, `${what}: no answer`);
      throw new ChainUnreachable(`No answer to ${what}.`);
    }
    if (faults.happens('garbage')) throw new ChainUnreachable(`Nonsense for ${what}.`);
    const value = answer(faults.happens('readStale'));
    await travel();
    return value;
  }

  return {
    chainId: CHAIN_ID,
    onHead: (call) => node.onHead(() => void scheduler.after(scheduler.latency(TRAVEL_MS), owner, 'head', call)),
    head: () =>
      read('head', (isStale) => {
        const block = node.blocks[node.view(isStale).number]!;
        return { number: block.number, hash: block.hash, atMs: block.atMs };
      }),
    nativeBalance: (address) => read('coin', (isStale) => node.view(isStale).state.accounts.get(address)?.native ?? 0n),
    nativeBalances: (addresses) =>
      read('coins', (isStale) =>
        addresses.map((address) => node.view(isStale).state.accounts.get(address)?.native ?? 0n),
      ),
    tokenBalances: (contract, addresses) =>
      read('tokens', (isStale) => {
        const token = node.view(isStale).state.tokens.get(contract);
        return addresses.map((address) => token?.balances.get(address) ?? 0n);
      }),
    finalNonce: (address) => read('nonce', (isStale) => node.view(isStale).state.accounts.get(address)?.nonce ?? 0),
    feeOf,
    sign,
    noteOf(raw) {
      const intent = readTransaction(fromHex0x(raw))?.intent;
      return intent?.kind === 'note' ? intent.data : null;
    },
    stateAt(number) {
      const at = <T>(answer: (state: ChainState) => T): Promise<T> =>
        read(`state at ${number}`, () => {
          const state = node.stateAt(number);
          if (state === undefined) throw new ChainUnreachable(`Expected a recent final block, got ${number}.`);
          return answer(state);
        });
      return {
        nativeBalances: (addresses) =>
          at((state) => addresses.map((address) => state.accounts.get(address)?.native ?? 0n)),
        tokenBalances: (contract, addresses) =>
          at((state) => addresses.map((address) => state.tokens.get(contract)?.balances.get(address) ?? 0n)),
        nonces: (addresses) => at((state) => addresses.map((address) => state.accounts.get(address)?.nonce ?? 0)),
        supply: (contract) => at((state) => state.tokens.get(contract)?.supply ?? null),
      };
    },
    async provenAbsent(asked) {
      const nonces = await read('nonces', (isStale) =>
        asked.map(({ from }) => node.view(isStale).state.accounts.get(from)?.nonce ?? 0),
      );
      const outcomes = await read('absence', () => asked.map(({ hash }) => node.outcome(bytesToHex(hash), false)));
      return asked.map(({ nonce }, index) => ({
        isProven: nonces[index]! > nonce && outcomes[index]!.kind === 'absent',
        finalNonce: nonces[index]!,
      }));
    },
    async broadcast(raws) {
      await travel();
      if (node.isHalted || faults.happens('requestLost')) return await unknown(raws, 'the request was lost');
      if (faults.happens('deliveredLate')) {
        void deliver(raws, scheduler.random.between(PATIENCE_MS, 60_000));
        return await unknown(raws, 'the request came late');
      }
      if (faults.happens('deliveredTwice')) void deliver(raws, scheduler.random.between(1, 20_000));
      const outcomes = await deliver(raws, 0);
      if (faults.happens('answerLost')) return await unknown(raws, 'the answer was lost');
      if (faults.happens('garbage')) return raws.map(() => ({ kind: 'unknown', cause: 'nonsense' }));
      await travel();
      return outcomes;
    },
    outcomes: (hashes) => read('outcomes', (isStale) => hashes.map((hash) => node.outcome(bytesToHex(hash), isStale))),
    contractFacts: (contract) =>
      read('contract', (isStale): ContractFacts | null => {
        const token = node.view(isStale).state.tokens.get(contract);
        if (token === undefined) return null;
        const state = token.isPaused ? 'paused' : 'active';
        const { name, symbol, creator, supply } = token;
        return { contract, type: 'token', name, symbol, creator, owner: creator, state, stateCode: state, supply };
      }),
    contractItems: async () => [],
    block: (number) => read('block', () => blockOf(node, number)),
    headerFacts: (header) => JSON.parse(header) as Record<string, string>,
    transaction: (hash) =>
      read('transaction', () => {
        const executed = node.state.executed.get(hash.replace(/^0x/, ''));
        return executed === undefined ? null : shown(executed);
      }),
    transactionProof: async () => null,
    identity: (address) =>
      read('identity', () => {
        const account = node.state.accounts.get(address);
        if (account === undefined) return null;
        return { caId: 'ca', keyHash: account.keyHash, isPhoneVerified: true, status: 1, role: 0 };
      }),
    deposit: async () => 0n,
  };
}

function blockOf(node: SimulatedNode, number: number): ChainBlock | null {
  const block = node.blocks[number];
  if (block === undefined) return null;
  const header = JSON.stringify({ number: String(number), parentHash: block.parentHash });
  return {
    number,
    hash: block.hash,
    atMs: block.atMs,
    parentHash: block.parentHash,
    header,
    seal: null,
    size: header.length,
    transactions: block.transactions.map((each) => shown(node.state.executed.get(each.hash)!)),
  };
}

function shown(executed: Executed): ChainTransaction {
  const { transaction } = executed;
  const { intent } = transaction;
  return {
    hash: `0x${transaction.hash}`,
    blockNumber: executed.blockNumber,
    from: transaction.from,
    to: intent.kind === 'native' || intent.kind === 'note' ? intent.to : 'contract' in intent ? intent.contract : null,
    nonce: transaction.nonce,
    value: intent.kind === 'native' ? intent.amount : 0n,
    kind: intent.kind === 'native' ? 'transfer' : 'sct',
    call: null,
    outcome: finalOutcome(executed),
    gasUsed: null,
    raw: `0x${bytesToHex(transaction.raw)}`,
  };
}
