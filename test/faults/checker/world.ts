/** What the rules look at: the database of one moment, the chain of the same moment or a little later, and what clients were told. */
import { readTransaction, sha3 } from './rlp.ts';
import { effectOfCall, type Chain, type ChainTransaction, type Effect } from './chain.ts';
import { isEnd, type Rows } from './tables.ts';
import type { Tables } from './mirror.ts';

/** An answer as a client got it. */
export interface SeenAnswer {
  readonly key: string;
  /** `members.id` of who asked. */
  readonly memberId: string;
  readonly answer:
    { readonly kind: 'answered'; readonly status: number; readonly text: string } | { readonly kind: 'none' };
}

/** One request as a receiver got it. */
export interface SeenWebhook {
  readonly id: string;
  readonly timestamp: string;
  readonly signature: string;
  readonly body: string;
  /** The receiver has answered, or was about to answer, 2xx. */
  readonly isAccepted: boolean;
}

/** Everything that the receivers got so far, and the secret of each endpoint, `whsec_…`, by its id. */
export interface SeenWebhooks {
  readonly received: readonly SeenWebhook[];
  readonly secrets: ReadonlyMap<string, string>;
}

export interface World {
  readonly db: Tables;
  readonly chain: Chain;
  /** What the node says at `chain.height`, for the holdings that were asked: `contract address` → tokens. */
  readonly nodeTokens: ReadonlyMap<string, bigint>;
  /** Contract → total that the node says. */
  readonly nodeSupply: ReadonlyMap<string, bigint>;
  readonly answers: readonly SeenAnswer[];
  /** What receivers of webhooks got; null where nobody has listened. */
  readonly webhooks: SeenWebhooks | null;
  /** Hashes of transactions that a test signed beside the platform, with the platform's keys. */
  readonly foreign: ReadonlySet<string>;
  /** Nothing is under way and no fault is on: everything accepted must have ended. */
  readonly isDrained: boolean;
  /** Of the server, for the audit log's codes; null where it is not to be checked. */
  readonly serverKey: Uint8Array | null;
  /** Rows of the outbox by the hash of their bytes or of their cancel's. */
  readonly signed: ReadonlyMap<string, SignedRow>;
}

export interface SignedRow {
  readonly row: Rows['chain_outbox'];
  readonly isCancel: boolean;
}

export const signedRows = (db: Tables): Map<string, SignedRow> => {
  const signed = new Map<string, SignedRow>();
  for (const row of db.chain_outbox.values()) signed.set(row.hash, { row, isCancel: false });
  for (const cancel of db.chain_cancels.values()) {
    const row = db.chain_outbox.get(cancel.outbox_id);
    if (row !== undefined) signed.set(cancel.hash, { row, isCancel: true });
  }
  return signed;
};

/** True where the database has not yet posted this transaction: the chain is ahead by it. */
export const isUnderWay = (world: World, hash: string): boolean => {
  const found = world.signed.get(hash);
  return found !== undefined && !isEnd(found.row.state);
};

/** The transaction on the chain that used a wallet's nonce. */
export function minedAt(world: World, address: string | null, nonce: bigint): ChainTransaction | undefined {
  const hash = world.chain.byNonce.get(`${address} ${nonce}`);
  return hash === undefined ? undefined : world.chain.transactions.get(hash);
}

/** What signed bytes say, and their hash. */
export function readSigned(rawHex: string): { from: string; nonce: bigint; hash: string; effect: Effect } {
  const raw = Buffer.from(rawHex, 'hex');
  const { from, nonce, to, value, input } = readTransaction(raw);
  return {
    from,
    nonce,
    hash: sha3(raw),
    effect:
      input.length > 0 || to === null
        ? effectOfCall({ from, contract: to ?? 'created', input })
        : { kind: 'coin', to, amount: value },
  };
}

/** A sum for each key. */
export function sums<T>(
  rows: Iterable<T>,
  keyOf: (row: T) => string | null,
  amountOf: (row: T) => bigint,
): Map<string, bigint> {
  const total = new Map<string, bigint>();
  for (const row of rows) {
    const key = keyOf(row);
    if (key !== null) total.set(key, (total.get(key) ?? 0n) + amountOf(row));
  }
  return total;
}
