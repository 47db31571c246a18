/**
 * A program for developers: what a full block costs on a large state, without storage, network and signatures.
 *
 *   node packages/worknode/src/block/measure-full-block.ts [accounts] [transfers] [blocks]
 *
 * Loads that many accounts, holdings of one token and citizens, then builds and applies blocks of token transfers between all of
 * them. Prints wall and processor time (of all threads, the collector's included) and memory.
 */
import {
  encodeSct20,
  encodeTransaction,
  estimateGas,
  GAS_PRICE_HUG,
  indexTrieRoot,
  makeSymId,
  parseSymId,
  type SymId,
  type Transaction,
} from '@jigeum/symverse';
import { nativeCrypto } from '@jigeum/symverse/native';
import { singleSealer } from '../consensus/sealer.ts';
import type { PoolTransaction } from '../mempool/mempool.ts';
import { createState, type State, type StateRow } from '../state/state.ts';
import { encodeValue, holdingKey } from '../state/tables.ts';
import { buildBlock, type BlockSite, type BuiltBlock } from './build-block.ts';

const { sha3 } = nativeCrypto;
const TOKEN = parseSymId('0xff89fc8f8050e05fff64');
const SEALER = parseSymId('0x00020000000000010003');
const [accounts = 100_000, transfers = 5000, blocks = 10] = process.argv.slice(2).map(Number);
const people = Array.from({ length: accounts }, (_unused, index) =>
  makeSymId({ caId: 2, random: sha3(number(index)).slice(0, 6), seq: 2 }),
);

const state = timed(`load ${accounts} accounts, holdings and citizens`, () => createState(storedRows(), sha3));
const { heapUsed, arrayBuffers } = process.memoryUsage();
print(`memory: heap ${mib(heapUsed)}, buffers ${mib(arrayBuffers)} (the collector may not have run)`);
const nonces = new Map<SymId, bigint>();
let parent = genesisParent();
for (let round = 0; round < blocks; round++) {
  const waiting = Array.from({ length: transfers }, (_unused, index) => transfer(round, index));
  const built = timed(`block ${round + 1} of ${transfers} transfers`, () => build(state, parent, waiting));
  timed('  of that again: roots of transactions and receipts', () => [
    indexTrieRoot(
      built.block.transactions.map(({ raw }) => raw),
      sha3,
    ),
    indexTrieRoot(
      built.block.transactions.map(({ receipt }) => receipt),
      sha3,
    ),
  ]);
  timed(`  apply ${built.state.length} rows`, () => state.apply(built.state));
  parent = { hash: built.block.hash, header: built.header };
}

function build(on: State, after: BlockSite['parent'], waiting: readonly PoolTransaction[]): BuiltBlock {
  let rootsMs = 0;
  const timedState: State = {
    ...on,
    rootsAfter(changes) {
      const startedMs = performance.now();
      const roots = on.rootsAfter(changes);
      rootsMs = performance.now() - startedMs;
      return roots;
    },
  };
  const built = buildBlock(
    timedState,
    { sealer: SEALER, contractAddressRule: 'current', sha3 },
    singleSealer(nativeCrypto, SEALER, new Uint8Array(32).fill(1)),
    { parent: after, citizenHead: { number: 0, hash: sha3(number(0)) }, time: 1_767_225_600, gasLimit: 1n << 40n },
    waiting,
  );
  if (built.included.length !== transfers)
    throw new Error(`Expected ${transfers} transfers, got ${built.included.length}.`);
  print(`  of block: roots of the state ${rootsMs.toFixed(0)} ms`);
  return built;
}

function* storedRows(): Generator<StateRow> {
  const balance = 10n ** 24n;
  for (const key of people)
    yield { table: 'account', key, value: encodeValue('account', { balance, nonce: 0n, deposit: 0n }) };
  const [owner = SEALER] = people;
  const fields = { name: 'eSportsToken', symbol: 'EST', total: balance * BigInt(accounts), isPaused: false };
  const contract = { template: 'sct20', creator: owner, owner, ...fields } as const;
  yield { table: 'contract', key: TOKEN, value: encodeValue('contract', contract) };
  for (const symId of people)
    yield { table: 'holding', key: holdingKey(TOKEN, symId), value: encodeValue('holding', balance) };
  const zeros = { country: 0n, credit: 0n, refCode: 0n };
  for (const [index, key] of people.entries()) {
    const keyHash = sha3(number(index)).slice(12);
    const entry = { ca: SEALER, nonce: BigInt(index), keyHash, recordHash: sha3(keyHash), ...zeros };
    const value = encodeValue('citizen', { ...entry, vFlag: 2n, status: 1n, role: 1n, writeTime: 1_767_225_600n });
    yield { table: 'citizen', key, value };
  }
}

/** A transfer with a signature of nobody: signatures are checked before a block is built. */
function transfer(round: number, index: number): PoolTransaction {
  const at = (factor: number, from: number): SymId => people[(round * factor + index * 17 + from) % accounts]!;
  const [from, to] = [at(5003, 0), at(7919, 1)];
  const nonce = nonces.get(from) ?? 0n;
  nonces.set(from, nonce + 1n);
  const input = encodeSct20({ method: 'transfer', to, amount: 10n ** 18n + BigInt(index) });
  const gas = estimateGas({ to: TOKEN, input, type: 1 });
  const rest = { value: 0n, input, type: 1, workNodes: [SEALER], extraData: new Uint8Array(0) } as const;
  const half = BigInt(`0x1${'5a'.repeat(30)}`) + BigInt(index);
  const signature = { v: 0, r: half, s: half } as const;
  const transaction: Transaction = { from, nonce, gasPrice: GAS_PRICE_HUG, gas, to: TOKEN, ...rest, ...signature };
  const raw = encodeTransaction(transaction);
  return { transaction, raw, hash: sha3(raw), hashHex: '0x', costMax: gas * GAS_PRICE_HUG };
}

function genesisParent(): BlockSite['parent'] {
  const before = createState([], sha3);
  const empty = buildBlock(
    before,
    { sealer: SEALER, contractAddressRule: 'current', sha3 },
    singleSealer(nativeCrypto, SEALER, new Uint8Array(32).fill(1)),
    {
      parent: {
        hash: new Uint8Array(32),
        header: { number: 0n, tickStamp: 0n, time: 0n } as BlockSite['parent']['header'],
      },
      citizenHead: { number: 0, hash: new Uint8Array(32) },
      time: 0,
      gasLimit: 0n,
    },
    [],
  );
  return { hash: empty.block.hash, header: empty.header };
}

function timed<T>(what: string, run: () => T): T {
  const before = process.cpuUsage();
  const startedMs = performance.now();
  const result = run();
  const wallMs = performance.now() - startedMs;
  const { user, system } = process.cpuUsage(before);
  print(`${what}: ${wallMs.toFixed(0)} ms, processor ${((user + system) / 1000).toFixed(0)} ms`);
  return result;
}

function number(value: number): Uint8Array {
  return Uint8Array.of(value >> 24, value >> 16, value >> 8, value);
}

function mib(count: number): string {
  return `${(count / 2 ** 20).toFixed(0)} MiB`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
