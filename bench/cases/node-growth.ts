/** A long chain over many accounts: what a block costs early and late, how much memory the node holds, how soon it is back. */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@jigeum/std';
import { NODE_FLAGS } from '../../apps/cli/src/embedded/node-flags.ts';
import type { BenchCase, BenchSetting, CaseReport } from '../bench-case.ts';
import { startChild, type Child } from '../child.ts';
import type { AppendNote } from '../growth/deciles.ts';
import { growthFigures, growthPlots, growthText, type GrowthRun, type Restart } from '../growth/report.ts';
import { startLoadGenerator } from '../load/generator.ts';
import { watchMemory } from '../memory.ts';
import type { BlockNote, FailureNote } from '../programs/noted-node.ts';
import type { CommitAnswer, CommitOrder } from '../programs/storage-worker.ts';
import { TRANSACTIONS_PER_BLOCK } from '../storage/workload.ts';
import { percentile } from '../summary.ts';
import type { ChainUnderTest } from '../transfers/chain.ts';
import { handOut, tokenContract } from '../transfers/hand-out.ts';
import { genesisOf } from '../transfers/people.ts';
import { peopleOf, type TransferPlan } from '../transfers/plan.ts';
import { makeSlots, signAll } from '../transfers/sign.ts';
import { workNodeAt } from '../transfers/work-node.ts';

export const nodeGrowth: BenchCase = {
  name: 'node-growth',
  explains: 'a chain of --transactions over --accounts: time for a block beside a bare append, memory, restart',
  // The chain decides when it is long enough.
  secondsDefault: 3_600,
  connectionsDefault: 32,
  connectionsMax: 500,
  run,
};

const BATCH = 50;
/** Of loading the node, before it is the reference's turn. */
const TURN_SECONDS = 10;
/** Blocks that the reference appends in its turn. */
const APPENDED = 10;
/** A genesis of a hundred thousand people takes its time, and so may a restart that is to be measured. */
const READY_WITHIN_MS = 300_000;
/** Blocks whose receipts are read at the end: each tenth. */
const CHECK_EVERY = 10;

type NotedNode = Child<{ rpcUrl: string }>;

async function run(setting: BenchSetting): Promise<CaseReport> {
  const { closing, say, accounts, transactions, connections } = setting;
  const folder = mkdtempSync(join(tmpdir(), 'jigeum-bench-'));
  chmodSync(folder, 0o755);
  closing.defer(() => rmSync(folder, { recursive: true, force: true }));
  const dataDir = join(folder, 'node');
  const genesis = join(folder, 'genesis.json');
  const plan = planOf({ accounts, transactions, lists: connections });
  const people = peopleOf(plan);
  const transfers = plan.lists * plan.slotsPerList;

  say(`Signing ${transfers} transfers of ${people} people …`);
  const file = join(folder, 'symverse.slots');
  makeSlots(file, transfers);
  await signAll({ kind: 'symverse', plan, contract: tokenContract(people), file });
  writeFileSync(genesis, genesisOf(people + 1));

  const startedMs = systemClock.monotonicMs();
  const node: NotedNode = await startChild(new URL('../programs/noted-node.ts', import.meta.url), [dataDir, genesis], {
    readyWithinMs: READY_WITHIN_MS,
    flags: NODE_FLAGS,
    profileFolder: setting.profileFolder,
  });
  closing.defer(() => node.stop());
  const chain = workNodeAt(node.ready.rpcUrl, node.process.pid!, node.stop);
  await chain.headNumber();
  const firstStartSeconds = secondsSince(startedMs);
  const notes = noteBlocks(node);

  say(`Growing: ${people} holdings, then ${transfers} transfers …`);
  const append = await startAppending(folder, closing);
  // Thrown away: code is compiled, and the disk is awake.
  await append();
  const growingMs = systemClock.monotonicMs();
  await handOut(chain, people);
  const appends = await sendAll(setting, chain, { file, plan, append, before: people + 1 });
  const elapsedSeconds = secondsSince(growingMs);
  const head = await chain.headNumber();
  await node.stop();
  if (notes.failures.length > 0) throw new Error(`The node reported ${notes.failures[0]}`);

  say('Restarting …');
  const restarts: Restart[] = [];
  for (const after of ['a clean stop', 'kill -9'] as const)
    restarts.push(await restart({ dataDir, after, head, closing, check: after === 'kill -9' }));
  const grown: GrowthRun = {
    ...{ accounts: people + 1, firstStartSeconds, notes: notes.blocks, appends, elapsedSeconds, restarts },
    storedBytes: folderBytes(dataDir),
  };
  return {
    text: growthText(grown),
    figures: growthFigures(grown),
    samples: { notes: notes.blocks, appends },
    plots: growthPlots(grown),
    errors: 0,
  };
}

/** As many transactions as asked for, the token and its handing out among them. */
function planOf(asked: {
  readonly accounts: number;
  readonly transactions: number;
  readonly lists: number;
}): TransferPlan {
  const { accounts, transactions, lists } = asked;
  // One account is that of the token's owner.
  const peoplePerList = Math.max(1, Math.floor((accounts - 1) / lists));
  const transfers = transactions - 1 - lists * peoplePerList;
  return { lists, peoplePerList, slotsPerList: Math.max(1, Math.floor(transfers / lists)), firstNonce: 0 };
}

function noteBlocks(node: NotedNode): { readonly blocks: readonly BlockNote[]; readonly failures: readonly string[] } {
  const blocks: BlockNote[] = [];
  const failures: string[] = [];
  node.process.on('message', (note: BlockNote | FailureNote) => {
    if (note.kind === 'block') blocks.push(note);
    else failures.push(note.text);
  });
  return { blocks, failures };
}

/** Starts the reference: what each call gives is the time in which a bare append keeps a thousand transactions, in ms. */
async function startAppending(folder: string, closing: AsyncDisposableStack): Promise<() => Promise<number>> {
  const place = join(folder, 'append');
  mkdirSync(place);
  const worker = await startChild(new URL('../programs/storage-worker.ts', import.meta.url), ['append', place]);
  closing.defer(() => worker.stop());
  return async () => {
    const { tookMs } = await worker.ask<CommitAnswer>({ blocks: APPENDED } satisfies CommitOrder);
    return (percentile(Float64Array.from(tookMs).toSorted(), 50) * 1_000) / TRANSACTIONS_PER_BLOCK;
  };
}

/**
 * Sends the whole plan and waits until it is in blocks; the reference has its turn whenever nothing waits. Throws when
 * something was refused: such a chain is not the one asked for.
 */
async function sendAll(
  { seconds, connections, closing }: BenchSetting,
  chain: ChainUnderTest,
  order: {
    readonly file: string;
    readonly plan: TransferPlan;
    readonly append: () => Promise<number>;
    /** Transactions that the chain has already. */
    readonly before: number;
  },
): Promise<AppendNote[]> {
  const { file, plan, append, before } = order;
  const generator = await startLoadGenerator();
  closing.defer(() => generator.stop());
  const { origin, path, sendMethod: method } = chain;
  const { slotsPerList } = plan;
  let sentBefore: readonly number[] = Array.from({ length: connections }, () => 0);
  const appends: AppendNote[] = [{ length: before, msPerThousand: await append() }];
  for (let left = seconds; left > 0 && sentBefore.some((sent) => sent < slotsPerList); left -= TURN_SECONDS) {
    const { sent, errors, firstError } = await generator.run({
      target: { kind: 'signed', origin, path, method, file, slotsPerList, sentBefore, batch: BATCH },
      ...{ connections, seconds: Math.min(left, TURN_SECONDS) },
    });
    if (firstError !== undefined)
      throw new Error(`Expected every transfer to be accepted; ${errors} requests were not: ${firstError}`);
    await chain.untilAllIncluded();
    sentBefore = sentBefore.map((count, list) => Math.min(slotsPerList, count + sent[list]! * BATCH));
    const length = sentBefore.reduce((sum, count) => sum + count, before);
    appends.push({ length, msPerThousand: await append() });
  }
  await generator.stop();
  return appends;
}

/** Starts `jigeum node` on the folder, as people do, and ends it as the next restart wants it. */
async function restart(order: {
  readonly dataDir: string;
  readonly after: Restart['after'];
  readonly head: number;
  readonly closing: AsyncDisposableStack;
  readonly check: boolean;
}): Promise<Restart> {
  const { dataDir, after, head, closing, check } = order;
  const startedMs = systemClock.monotonicMs();
  const node = await startChild<{ rpcUrl: string }>(
    new URL('../../apps/cli/src/main.ts', import.meta.url),
    ['node', '--port', '0', '--ca-port', '0', '--data', dataDir],
    { readyWithinMs: READY_WITHIN_MS, flags: NODE_FLAGS },
  );
  closing.defer(() => node.stop());
  const chain = workNodeAt(node.ready.rpcUrl, node.process.pid!, node.stop);
  const found = await chain.headNumber();
  const seconds = secondsSince(startedMs);
  const rssBytes = watchMemory(chain.pid).stop().at(-1)?.rssBytes;
  if (found < head) throw new Error(`Expected block ${head} after ${after}, got ${found}.`);
  if (check) await requireSuccess(chain, head);
  node.process.kill('SIGKILL');
  await node.stop();
  return { after, seconds, rssBytes };
}

/** Transfers that were only accepted into blocks, and failed there, would have cost less than transfers. */
async function requireSuccess(chain: ChainUnderTest, head: number): Promise<void> {
  for (let number = 1; number <= head; number += CHECK_EVERY) {
    const [block] = await chain.blocksAfter(number - 1, 1);
    if (block === undefined || block.failed > 0)
      throw new Error(`Expected every transfer of block ${number} to succeed, got ${JSON.stringify(block)}.`);
  }
}

const secondsSince = (startedMs: number): number => (systemClock.monotonicMs() - startedMs) / 1_000;

const folderBytes = (folder: string): number =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
