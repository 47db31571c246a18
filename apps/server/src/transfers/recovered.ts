/** What a transaction of ours on the chain was, read from the chain alone: for a database that does not know it. Pure. */
import type { ChainTransaction } from '@jigeum/chain';

export interface KnownPlaces {
  /** Wallets of ours by address. */
  wallets: ReadonlyMap<string, { id: string; kind: 'member' | 'treasury' | 'reserve' }>;
  /** Tokens of ours by contract. */
  tokens: ReadonlyMap<string, { id: string; symbol: string }>;
}

/** `other`: it has no place among our records; what it did to balances is taken over by corrections. */
export type RecoveredAct =
  | { kind: 'payment' | 'charge'; payeeWalletId: string; tokenId: string; amount: bigint }
  | { kind: 'grant'; walletId: string; amount: bigint }
  | { kind: 'create'; name: string; symbol: string; contract: string; amount: bigint }
  | { kind: 'mint' | 'burn'; tokenId: string; amount: bigint }
  | { kind: 'pause' | 'unpause'; tokenId: string }
  | { kind: 'other'; why: string };

/** Reads a transaction that one of our keys has signed. */
export function readRecovered(transaction: ChainTransaction, known: KnownPlaces): RecoveredAct {
  const sender = known.wallets.get(transaction.from);
  if (sender === undefined) return other('its sender is no wallet of ours');
  if (transaction.kind === 'transfer') {
    const receiver = known.wallets.get(transaction.to ?? '');
    if (sender.kind !== 'treasury') return other('it sends coin that is granted to its holder');
    if (receiver === undefined || transaction.value === 0n) return other('it sends coin to no wallet of ours');
    return { kind: 'grant', walletId: receiver.id, amount: transaction.value };
  }
  const { call } = transaction;
  if (transaction.kind !== 'sct' || call === null || call.template !== 'sct20')
    return other('it is no call of a token');
  if (call.method === 'CREATE') {
    const { name, symbol } = call.args;
    const isOurs = sender.kind === 'reserve' && call.contract !== null && call.amount !== null;
    return isOurs && typeof name === 'string' && typeof symbol === 'string'
      ? { kind: 'create', name, symbol, contract: call.contract!, amount: call.amount! }
      : other('it creates a token that the reserve does not own');
  }
  const token = known.tokens.get(call.contract ?? '');
  if (token === undefined) return other('it calls a token that is not ours');
  switch (call.method) {
    case 'TRANSFER': {
      const payee = known.wallets.get(call.to ?? '');
      if (payee === undefined) return other('it pays somebody who has no wallet here');
      if (payee.id === sender.id || call.amount === null || call.amount === 0n) return other('it moves nothing');
      const kind = sender.kind === 'reserve' ? 'charge' : 'payment';
      return { kind, payeeWalletId: payee.id, tokenId: token.id, amount: call.amount };
    }
    case 'MINT':
    case 'BURN': {
      const isReserves = sender.kind === 'reserve' && known.wallets.get(call.to ?? call.from ?? '')?.id === sender.id;
      if (!isReserves || call.amount === null || call.amount === 0n) return other('it changes what others hold');
      return { kind: call.method === 'MINT' ? 'mint' : 'burn', tokenId: token.id, amount: call.amount };
    }
    case 'PAUSE':
    case 'UNPAUSE':
      return { kind: call.method === 'PAUSE' ? 'pause' : 'unpause', tokenId: token.id };
    default:
      return other(`it is a ${call.method}, which this platform never signs`);
  }
}

const other = (why: string): RecoveredAct => ({ kind: 'other', why });
