/** What must hold whenever the node serves again. Each check throws with the two values that do not fit. */
import type { RpcClient, RpcTransaction } from '@jigeum/symverse/rpc';
import type { SeenBlock } from './load.ts';
import { expectedAt, type FaultWorld, type Payment, type Sender } from './world.ts';

/** Checks everything that was answered; lets the senders go on after what the node has. */
export async function checkAnswered(world: FaultWorld, rpc: RpcClient, seen: Map<bigint, SeenBlock>): Promise<void> {
  await checkBlocks(rpc, seen);
  for (const sender of world.senders) await checkSender(rpc, sender);
}

/** Blocks that were told are there, with the same transactions. The newest one is asked for again after the next kill. */
async function checkBlocks(rpc: RpcClient, seen: Map<bigint, SeenBlock>): Promise<void> {
  const numbers = [...seen.keys()].sort((left, right) => (left < right ? -1 : 1));
  for (const number of numbers) {
    const block = await rpc.call('sym_getBlockByNumber', number);
    const expected = seen.get(number)!;
    same(`block ${number}`, block?.hash, expected.hash);
    same(`the transactions of block ${number}`, block?.transactions.map(String).join(), expected.transactions.join());
  }
  for (const number of numbers.slice(0, -1)) seen.delete(number);
}

async function checkSender(rpc: RpcClient, sender: Sender): Promise<void> {
  const { symId, token } = sender;
  // The calls of one batch see one block.
  const [latest, pending, hug, holding] = await rpc.batch([
    { method: 'sym_getTransactionCount', params: [symId] },
    { method: 'sym_getTransactionCount', params: [symId, 'pending'] },
    { method: 'sym_getBalance', params: [symId] },
    { method: 'sct_getContractAccount', params: [token, symId] },
  ]);
  if (!latest.ok || !pending.ok || !hug.ok || !holding.ok)
    throw new Error(`Expected answers about ${symId}, got ${JSON.stringify([latest, pending, hug, holding])}.`);
  const [nonce, next] = [latest.result, pending.result].map((count) => Number.parseInt(count.toString(), 10)) as [
    number,
    number,
  ];
  const expected = expectedAt(sender, nonce);
  same(`the coins of ${symId} at nonce ${nonce}`, hug.result, expected.hug);
  same(`the tokens of ${symId} at nonce ${nonce}`, balanceOf(holding.result), expected.tokens);

  const answered = sender.payments.filter((payment) => payment.isAnswered && !payment.isFinal);
  const last = answered.at(-1);
  if (last !== undefined && last.nonce >= next)
    throw new Error(`Expected nonce ${last.nonce} of ${symId} to be known, as was answered; the next one is ${next}.`);
  const open = sender.payments.filter((payment) => !payment.isFinal && (payment.isAnswered || payment.nonce < nonce));
  for (const [payment, found] of await find(rpc, open)) {
    if (found === null)
      throw new Error(`Expected ${payment.hash}, which was answered, in a block or waiting; it is lost.`);
    payment.isFinal = found.blockNumber !== null;
    if (payment.nonce < nonce && !payment.isFinal)
      throw new Error(`Expected ${payment.hash} of nonce ${payment.nonce} in a block, as ${symId} is at ${nonce}.`);
  }
  sender.next = next;
}

/** Every answered payment is in a block and has succeeded. For the end, when nothing waits any more. */
export async function checkAllFinal(world: FaultWorld, rpc: RpcClient): Promise<number> {
  let count = 0;
  for (const { payments } of world.senders) {
    const answered = payments.filter(({ isAnswered }) => isAnswered);
    for (let from = 0; from < answered.length; from += 100) {
      const chunk = answered.slice(from, from + 100);
      const receipts = await rpc.batch(
        chunk.map(({ hash }) => ({ method: 'sym_getTransactionReceipt' as const, params: [hash] as const })),
      );
      for (const [index, receipt] of receipts.entries()) {
        if (!receipt.ok || receipt.result === null)
          throw new Error(`Expected the receipt of ${chunk[index]!.hash}, which was answered; it is in no block.`);
        same(`the status of ${chunk[index]!.hash}`, receipt.result.status, 1n);
      }
    }
    count += answered.length;
  }
  return count;
}

async function find(
  rpc: RpcClient,
  payments: readonly Payment[],
): Promise<(readonly [Payment, RpcTransaction | null])[]> {
  const outcomes = await rpc.batch(
    payments.map(({ hash }) => ({ method: 'sym_getTransactionByHash' as const, params: [hash] as const })),
  );
  return outcomes.map((outcome, index) => {
    if (!outcome.ok) throw outcome.error;
    return [payments[index]!, outcome.result] as const;
  });
}

const balanceOf = (account: unknown): bigint | undefined =>
  typeof account === 'object' && account !== null && 'balance' in account ? (account.balance as bigint) : undefined;

function same(what: string, got: unknown, expected: unknown): void {
  if (got !== expected) throw new Error(`Expected ${what} to be ${String(expected)}, got ${String(got)}.`);
}
