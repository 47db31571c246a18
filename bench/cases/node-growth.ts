/** A long chain over many accounts: what a block costs early and late, how much memory the node holds, how soon it is back. */
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@jigeum/std';
import { NODE_FLAGS } from '../../apps/cli/src/embedded/node-flags.ts';
import type { BenchCase, BenchSetting, CaseReport } from '../bench-case.ts';
import { startChild, type Child } from '../child.ts';
import { growthFigures, growthPlots, growthText, type GrowthRun, type Restart } from '../growth/report.ts';
import { startLoadGenerator } from '../load/generator.ts';
import { watchMemory } from '../memory.ts';
import type { BlockNote, FailureNote } from '../programs/noted-node.ts';
import type { ChainUnderTest } from '../transfers/chain.ts';
import { handOut, tokenContract } from '../transfers/hand-out.ts';
import { genesisOf } from '../transfers/people.ts';
import { peopleOf, type TransferPlan } from '../transfers/plan.ts';
import { makeSlots, signAll } from '../transfers/sign.ts';
import { workNodeAt } from '../transfers/work-node.ts';

export const nodeGrowth: BenchCase = {
  name: 'node-growth',
  explains: 'a chain of --transactions over --accounts: time for a block, memory, restart',
  // The chain decides when it is long enough.
  secondsDefault: 3_600,
  connectionsDefault: 32,
  connectionsMax: 500,
  run,
};

const BATCH = 50;
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
  const growingMs = systemClock.monotonicMs();
  await handOut(chain, people);
  await sendAll(setting, chain, { file, plan });
  const elapsedSeconds = secondsSince(growingMs);
  const head = await chain.headNumber();
  await node.stop();
  if (notes.failures.length > 0) throw new Error(`The node reported ${notes.failures[0]}`);

  say('Restarting …');
  const restarts: Restart[] = [];
  for (const after of ['a clean stop', 'kill -9'] as const)
    restarts.push(await restart({ dataDir, after, head, closing, check: after === 'kill -9' }));
  const grown: GrowthRun = {
    ...{ accounts: people + 1, firstStartSeconds, notes: notes.blocks, elapsedSeconds, restarts },
    storedBytes: folderBytes(dataDir),
  };
  return {
    text: growthText(grown),
    figures: growthFigures(grown),
    samples: { notes: notes.blocks },
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

/** Sends the whole plan and waits until it is in blocks. Throws when something was refused: such a chain is not the one asked for. */
async function sendAll(
  { seconds, connections, closing }: BenchSetting,
  chain: ChainUnderTest,
  { file, plan }: { readonly file: string; readonly plan: TransferPlan },
): Promise<void> {
  const generator = await startLoadGenerator();
  closing.defer(() => generator.stop());
  const { origin, path, sendMethod: method } = chain;
  const sentBefore = Array.from({ length: connections }, () => 0);
  const { slotsPerList } = plan;
  const result = await generator.run({
    target: { kind: 'signed', origin, path, method, file, slotsPerList, sentBefore, batch: BATCH },
    ...{ connections, seconds },
  });
  await generator.stop();
  if (result.firstError !== undefined)
    throw new Error(`Expected every transfer to be accepted; ${result.errors} requests were not: ${result.firstError}`);
  await chain.untilAllIncluded();
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
