/** `txpool_*`: what waits for a block. */
import type { SymId } from '@jigeum/symverse';
import { RPC_CODE } from '@jigeum/symverse/rpc';
import type { PoolTransaction } from '../../mempool/mempool.ts';
import { RpcFault } from '../fault.ts';
import type { HandlersOf, Reads } from '../reads.ts';
import { transactionView } from '../views.ts';

/** What one answer may show: 20,000 small transactions (the whole pool of a node with the network's blocks), or 200 of the largest. */
const SHOWN_BYTES_MAX = 6 * 1024 * 1024;
/** What a transaction adds to its bytes when it is shown. */
const VIEW_BYTES = 300;

/** Handlers over a node. */
export const txpoolHandlers = ({ node: { pool } }: Reads): HandlersOf<'txpool'> => {
  const content = <T>(show: (tx: PoolTransaction) => T) => {
    const { executable, queued } = pool.waiting();
    let bytes = 0;
    const shown = (tx: PoolTransaction): T => {
      bytes += tx.raw.length + VIEW_BYTES;
      if (bytes > SHOWN_BYTES_MAX) throw tooMuch();
      return show(tx);
    };
    return { pending: bySender(executable, shown), queued: bySender(queued, shown) };
  };
  return {
    txpool_content: () => content((tx) => transactionView(tx.transaction, tx.hash, null)),
    txpool_inspect: () => content(summary),
    txpool_status() {
      const { executable, queued } = pool.counts();
      return { pending: BigInt(executable), queued: BigInt(queued) };
    },
  };
};

const tooMuch = (): RpcFault =>
  new RpcFault({
    code: RPC_CODE.resultTooLarge,
    message: `response too large: the pool holds more than ${SHOWN_BYTES_MAX} bytes of transactions; txpool_status counts them, sym_getTransactionByHash shows one`,
  });

type BySender<T> = Record<SymId, Record<string, T[]>>;

/** One transaction for each nonce; a list all the same, because several may share a nonce in gsym's pool. */
function bySender<T>(waiting: Iterable<PoolTransaction>, show: (tx: PoolTransaction) => T): BySender<T> {
  const senders: BySender<T> = {};
  for (const tx of waiting) {
    const { from, nonce } = tx.transaction;
    (senders[from] ??= {})[nonce.toString()] = [show(tx)];
  }
  return senders;
}

/** gsym's sentence: receiver, coins, gas limit and price. */
const summary = ({ transaction: { to, value, gas, gasPrice } }: PoolTransaction): string =>
  `${to ?? 'contract creation'}: ${value} hug + ${gas} × ${gasPrice} gas`;
