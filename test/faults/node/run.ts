/** Kills a work node again and again under load, and looks after each start whether anything that was answered is lost. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RpcClient } from '@jigeum/symverse/rpc';
import { Random } from '../../fuzz/random.ts';
import { checkAllFinal, checkAnswered } from './checks.ts';
import { flipBits, isMarked, type Flip } from './flips.ts';
import { pause, pay, type SeenBlock } from './load.ts';
import { startNode, type NodeProcess } from './node-process.ts';
import { createFaultWorld, type FaultWorld } from './world.ts';

export interface NodeFaultOptions {
  readonly seed: string;
  readonly cycles: number;
  /** Changed bits for each of two folders: one of a killed node, one of a stopped one. */
  readonly flips: number;
  readonly tell?: (line: string) => void;
}

export interface NodeFaultResult {
  readonly answered: number;
  readonly blocks: bigint;
  readonly verified: string;
  readonly flips: readonly Flip[];
}

/** Blocks come often, so that many kills meet one. */
const BLOCK_MS = 80;
/** After the first answer: a node that has just started takes a while to it. */
const LOAD_MS_MAX = 700;
const START_MS_MAX = 700;
/** The folder whose bits are flipped is that of a chain of a few blocks: then many flips take little time. */
const FLIPPED_CYCLE = 2;
/** Until a kill leaves a mark that tells of all commits. */
const FURTHER_CYCLES_MAX = 30;
const DRAINED_WITHIN_MS = 30_000;
const ANSWERED_WITHIN_MS = 20_000;

const main = fileURLToPath(new URL('../../../apps/cli/src/main.ts', import.meta.url));

/** Runs it. Throws for the first thing that is not as it must be. */
export async function runNodeFaults({
  seed,
  cycles,
  flips,
  tell = () => undefined,
}: NodeFaultOptions): Promise<NodeFaultResult> {
  const folder = mkdtempSync(join(tmpdir(), 'jigeum-faults-'));
  try {
    const world = createFaultWorld(new Random(`${seed} world`, 0));
    const places = {
      data: join(folder, 'node'),
      genesis: join(folder, 'genesis.json'),
      flipped: join(folder, 'flipped'),
    };
    writeFileSync(places.genesis, world.genesis);
    const { answered, blocks } = await storm({ world, places, seed, cycles, tell });
    const verified = verify(places.data);
    tell(verified);
    const found = await flipBoth(places.flipped, join(folder, 'scratch'), { seed, flips });
    return { answered, blocks, verified, flips: found };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Places {
  readonly data: string;
  readonly genesis: string;
  readonly flipped: string;
}

async function storm(input: {
  readonly world: FaultWorld;
  readonly places: Places;
  readonly seed: string;
  readonly cycles: number;
  readonly tell: (line: string) => void;
}): Promise<Pick<NodeFaultResult, 'answered' | 'blocks'>> {
  const { world, places, seed, cycles, tell } = input;
  const seen = new Map<bigint, SeenBlock>();
  const start = () => startNode(places.data, places.genesis, BLOCK_MS);
  const needsMore = (cycle: number): boolean =>
    !existsSync(keptIn(places.flipped)) && cycle < cycles + FURTHER_CYCLES_MAX;
  for (let cycle = 0; cycle < cycles || needsMore(cycle); cycle++) {
    const random = new Random(seed, cycle);
    if (cycle > 0 && random.oneIn(8)) {
      const starting = start();
      await pause(random.below(START_MS_MAX));
      await starting.kill();
    }
    const node = await start().ready;
    await during(node, async () => {
      await checkAnswered(world, node.rpc, seen);
      const paying = pay(world, node.rpc, random, seen);
      // What goes wrong before the kill is told after it.
      paying.catch(() => undefined);
      await Promise.race([paying, untilAnswered(world)]);
      await pause(random.below(LOAD_MS_MAX));
      await node.kill();
      await paying;
    });
    if (cycle >= FLIPPED_CYCLE) keepForFlips(places);
    if ((cycle + 1) % 20 === 0) tell(`${cycle + 1} kills, ${answeredIn(world)} answered payments, none lost`);
  }
  const node = await start().ready;
  return during(node, async () => {
    await checkAnswered(world, node.rpc, seen);
    await untilDrained(node.rpc);
    const answered = await checkAllFinal(world, node.rpc);
    const blocks = await node.rpc.call('sym_blockNumber');
    await node.stop();
    return { answered, blocks };
  });
}

/** Leaves no process behind, whatever happens. */
async function during<T>(node: NodeProcess, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } finally {
    await node.kill();
  }
}

async function untilDrained(rpc: RpcClient): Promise<void> {
  for (let waitedMs = 0; waitedMs < DRAINED_WITHIN_MS; waitedMs += BLOCK_MS) {
    const { pending } = await rpc.call('txpool_status');
    if (pending === 0n) return;
    await pause(BLOCK_MS);
  }
  throw new Error(`Expected all that waits to be in blocks within ${DRAINED_WITHIN_MS} ms.`);
}

/** Resolves when one more payment is answered. */
async function untilAnswered(world: FaultWorld): Promise<void> {
  const before = answeredIn(world);
  for (let waitedMs = 0; waitedMs < ANSWERED_WITHIN_MS; waitedMs += 5) {
    if (answeredIn(world) > before) return;
    await pause(5);
  }
  throw new Error(`Expected an answer within ${ANSWERED_WITHIN_MS} ms.`);
}

const answeredIn = ({ senders }: FaultWorld): number =>
  senders.reduce((sum, { payments }) => sum + payments.filter(({ isAnswered }) => isAnswered).length, 0);

function verify(data: string): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'node', 'verify', '--data', data], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`Expected the chain to verify, got: ${stderr}`);
  return stdout.trim().split('\n').at(-1) ?? '';
}

const keptIn = (flipped: string): string => join(flipped, 'killed');

/** Keeps the folder as a killed node has left it, with a log beside the database, once its mark tells of all that is in it. */
function keepForFlips({ data, flipped }: Places): void {
  const kept = keptIn(flipped);
  if (existsSync(kept)) return;
  cpSync(data, kept, { recursive: true });
  if (!isMarked(kept, join(flipped, 'scratch'))) rmSync(kept, { recursive: true });
}

async function flipBoth(
  flipped: string,
  scratch: string,
  { seed, flips }: Pick<NodeFaultOptions, 'seed' | 'flips'>,
): Promise<Flip[]> {
  const killed = keptIn(flipped);
  if (!existsSync(killed))
    throw new Error('Expected a kill after which the mark tells of all commits; there was none.');
  const stopped = join(flipped, 'stopped');
  cpSync(killed, stopped, { recursive: true });
  const node = await startNode(stopped, join(flipped, '..', 'genesis.json'), BLOCK_MS).ready;
  await node.stop();
  return [
    ...(await flipBits(killed, scratch, { count: flips, random: new Random(`${seed} flips`, 0) })),
    ...(await flipBits(stopped, scratch, { count: flips, random: new Random(`${seed} flips`, 1) })),
  ];
}
