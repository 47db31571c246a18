/** What of the chain's state some transactions have changed, so that it is read again. Pure. */
import type { ChainTransaction, DecodedCall } from '@jigeum/chain';

export interface Touched {
  /** By contract: the addresses whose balance may differ. */
  holders: Map<string, Set<string>>;
  /** Contracts whose own facts (supply, owner, state) may differ. */
  changed: Set<string>;
  /** Contracts that were called, changed or not. */
  called: Set<string>;
}

/** Calls that move what is there and change nothing of the contract itself. */
const MOVES = /^(?:TRANSFER|TRANSFER_FROM|APPROVE|DECREASE_APPROVE)$/;

export function touchedBy(transactions: Iterable<ChainTransaction>): Touched {
  const touched: Touched = { holders: new Map(), changed: new Set(), called: new Set() };
  for (const { call, outcome, from } of transactions) {
    if (outcome.kind !== 'final' || !outcome.isSuccess || call === null || call.contract === null) continue;
    touched.called.add(call.contract);
    if (!MOVES.test(call.method)) touched.changed.add(call.contract);
    if (call.amount !== null) addHolders(touched.holders, call.contract, from, call);
  }
  return touched;
}

function addHolders(holders: Touched['holders'], contract: string, sender: string, call: DecodedCall): void {
  let addresses = holders.get(contract);
  if (addresses === undefined) holders.set(contract, (addresses = new Set()));
  for (const address of [sender, call.from, call.to]) if (address !== null) addresses.add(address);
}
