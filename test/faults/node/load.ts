/** The storm: every sender pays as fast as it is answered, single and in batches, while a watcher reads the newest block. */
import { RpcResponseError, RpcUnknownError, type RpcClient } from '@jigeum/symverse/rpc';
import type { Random } from '../../fuzz/random.ts';
import { paymentOf, type FaultWorld, type Payment, type Sender } from './world.ts';

/** A block that the node has told. */
export interface SeenBlock {
  readonly hash: string;
  readonly transactions: readonly string[];
}

const BATCH_MAX = 12;
const PAUSE_MS_MAX = 12;
const WATCH_MS = 15;

/** Runs until the node no longer answers. Throws for an answer that a sound node does not give. */
export async function pay(
  world: FaultWorld,
  rpc: RpcClient,
  random: Random,
  seen: Map<bigint, SeenBlock>,
): Promise<void> {
  await Promise.all([...world.senders.map((sender) => payAs(world, sender, rpc, random)), watch(rpc, seen)]);
}

async function payAs(world: FaultWorld, sender: Sender, rpc: RpcClient, random: Random): Promise<void> {
  for (;;) {
    const count = random.oneIn(2) ? 1 : random.between(2, BATCH_MAX);
    const payments = Array.from({ length: count }, (_, index) => paymentOf(world, sender, sender.next + index, random));
    const answers = await send(rpc, payments);
    for (const [index, error] of answers.entries()) {
      if (error instanceof RpcUnknownError) return;
      if (error !== undefined) throw error;
      payments[index]!.isAnswered = true;
      sender.next++;
    }
    await pause(random.below(PAUSE_MS_MAX));
  }
}

/** Undefined for each payment whose hash was the answer. */
async function send(rpc: RpcClient, payments: readonly Payment[]): Promise<(Error | undefined)[]> {
  const [first] = payments;
  if (payments.length === 1 && first !== undefined) {
    try {
      return [judge(first, await rpc.call('sym_sendRawTransaction', first.raw))];
    } catch (error) {
      return [judge(first, error)];
    }
  }
  const calls = payments.map(({ raw }) => ({ method: 'sym_sendRawTransaction' as const, params: [raw] as const }));
  const outcomes = await rpc.batch(calls);
  return outcomes.map((outcome, index) => judge(payments[index]!, outcome.ok ? outcome.result : outcome.error));
}

function judge({ hash }: Payment, answer: unknown): Error | undefined {
  if (answer === hash) return undefined;
  // Sent before the node was killed, and kept.
  if (answer instanceof RpcResponseError && answer.reason === 'already-known') return undefined;
  return answer instanceof Error ? answer : new Error(`Expected the hash ${hash}, got ${String(answer)}.`);
}

async function watch(rpc: RpcClient, seen: Map<bigint, SeenBlock>): Promise<void> {
  for (;;) {
    try {
      const block = await rpc.call('sym_getBlockByNumber', 'latest');
      if (block !== null) seen.set(block.number, { hash: block.hash, transactions: block.transactions.map(String) });
    } catch (error) {
      if (error instanceof RpcUnknownError) return;
      throw error;
    }
    await pause(WATCH_MS);
  }
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
