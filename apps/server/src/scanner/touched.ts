/** What of the chain's state some transactions have changed, so that it is read again. Pure. */
import type { CallValue, ChainTransaction, DecodedCall } from '@jigeum/chain';

export interface Touched {
  /** By contract: the addresses whose balance may differ. */
  holders: Map<string, Set<string>>;
  /** Contracts whose own facts (supply, owner, state) may differ. */
  changed: Set<string>;
  /** By contract: the items and coupons that were named. */
  items: Map<string, Set<number>>;
  /** Contracts that have made new ones. */
  itemMakers: Set<string>;
  /** Contracts that were called, changed or not. */
  called: Set<string>;
}

/** Calls that move what is there and change nothing of the contract itself. */
const MOVES = /^(?:TRANSFER|TRANSFER_FROM|APPROVE|DECREASE_APPROVE)$/;

export function touchedBy(transactions: Iterable<ChainTransaction>): Touched {
  const touched: Touched = {
    holders: new Map(),
    items: new Map(),
    itemMakers: new Set(),
    changed: new Set(),
    called: new Set(),
  };
  for (const { call, outcome, from } of transactions) {
    if (outcome.kind !== 'final' || !outcome.isSuccess || call === null || call.contract === null) continue;
    touched.called.add(call.contract);
    if (!MOVES.test(call.method)) touched.changed.add(call.contract);
    if (/^CREATE_(?:ITEM|COUPON)$/.test(call.method)) touched.itemMakers.add(call.contract);
    if (HAS_ITEMS.has(call.template)) addItem(touched.items, call.contract, call.args['index']);
    if (call.amount !== null) addHolders(touched.holders, call.contract, from, call);
  }
  return touched;
}

/** Templates whose things are held one by one. */
const HAS_ITEMS: ReadonlySet<string> = new Set(['sct30', 'sct40']);

function addItem(items: Touched['items'], contract: string, index: CallValue | undefined): void {
  if (typeof index !== 'string' || !/^[0-9]{1,15}$/.test(index)) return;
  items.set(contract, (items.get(contract) ?? new Set()).add(Number.parseInt(index, 10)));
}

function addHolders(holders: Touched['holders'], contract: string, sender: string, call: DecodedCall): void {
  let addresses = holders.get(contract);
  if (addresses === undefined) holders.set(contract, (addresses = new Set()));
  for (const address of [sender, call.from, call.to]) if (address !== null) addresses.add(address);
}
