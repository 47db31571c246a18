/** What must hold inside of the ledger, and what concerns no single wallet: holds, sums, entries, supply, the platform's coin. */
import { raiseAlarm } from '#platform';
import { platformSigner } from '#wallets';
import { alarmAndStop, type FindingDeps } from './findings.ts';
import * as figureRows from './store/figures.ts';
import * as gasRows from './store/gas.ts';

/** Held is the sum of what is open. */
export async function checkHolds(deps: FindingDeps, walletIds: readonly string[]): Promise<number> {
  const holds = await figureRows.brokenHolds(deps.db, walletIds);
  for (const each of holds) {
    await alarmAndStop(
      deps,
      {
        kind: 'ledger-broken',
        subject: `hold ${each.wallet_id} ${each.symbol}`,
        detail: `Expected ${each.open} base units of ${each.symbol} held for wallet ${each.wallet_id} (the sum of what it has under way), got ${each.held}. Nothing on the chain is wrong by this: a row of the ledger is.`,
      },
      { scope: 'wallet', walletId: each.wallet_id },
    );
  }
  return holds.length;
}

/** A balance is the sum of its postings. Reads every posting that these wallets ever had. */
export async function checkSums(deps: FindingDeps, walletIds: readonly string[]): Promise<number> {
  const sums = await figureRows.brokenSums(deps.db, walletIds);
  for (const each of sums) {
    await alarmAndStop(
      deps,
      {
        kind: 'ledger-broken',
        subject: `sum ${each.wallet_id} ${each.symbol}`,
        detail: `Expected ${each.postings} base units of ${each.symbol} for wallet ${each.wallet_id} (the sum of its postings), got a balance of ${each.balance}. A balance or a posting was written by something else than the platform.`,
      },
      { scope: 'wallet', walletId: each.wallet_id },
    );
  }
  return sums.length;
}

/** Each entry of these blocks says what its source says. */
export async function checkEntries(deps: FindingDeps, blocks: { after: number; upTo: number }): Promise<number> {
  const broken = await figureRows.brokenEntries(deps.db, blocks);
  for (const each of broken) {
    await alarmAndStop(
      deps,
      {
        kind: 'ledger-broken',
        subject: `entry ${each.entry_id}`,
        detail: `Expected a final ${each.source_kind} ${each.source_id} with the wallets and the amount of journal entry ${each.entry_id}, got none. The entry was written by something else than the platform.`,
      },
      { scope: 'platform' },
    );
  }
  return broken.length;
}

export interface SupplyFigure {
  symbol: string;
  block: number;
  /** What exists on the chain. */
  supply: bigint;
  /** Minted less burned, as posted. */
  issued: bigint;
  /** All wallets of the platform now. */
  balances: bigint;
  /** What the wallets must have together: what was issued, less what corrections have put outside. */
  expected: bigint;
}

/** Supply = minted − burned = the sum of the ledger, for each token (INV-01). */
export async function checkSupply(
  deps: FindingDeps,
  block: number,
): Promise<{ figures: SupplyFigure[]; broken: number }> {
  const issued = await figureRows.issuedAt(deps.db, { block, chainId: deps.chain.chainId });
  const totals = new Map(
    (await figureRows.ledgerTotals(deps.db, deps.chain.chainId)).map((row) => [row.symbol, row] as const),
  );
  const figures: SupplyFigure[] = [];
  let broken = 0;
  for (const each of issued) {
    const supply = await deps.chain.stateAt(block).supply(each.contract);
    const total = totals.get(each.symbol);
    if (supply === null || total === undefined) continue;
    const figure = {
      symbol: each.symbol,
      block,
      supply,
      issued: each.issued,
      balances: total.balances,
      expected: total.elsewhere,
    };
    figures.push(figure);
    if (supply === each.issued && total.balances === total.elsewhere) continue;
    broken++;
    await alarmAndStop(
      deps,
      {
        kind: 'supply-differs',
        subject: each.symbol,
        detail: `Expected one figure for ${each.symbol}, got ${supply} on the chain at block ${block}, ${each.issued} minted less burned in the journal, and ${total.balances} of ${total.elsewhere} base units in the wallets of the platform.`,
      },
      { scope: 'token', tokenId: each.token_id },
    );
  }
  return { figures, broken };
}

/** How often in a row the chain must have less coin than the ledger says: what is just being posted looks like it for a moment. */
const SHORT_TIMES = 5;

export interface GasFigure {
  kind: 'treasury' | 'reserve';
  chain: bigint;
  available: bigint;
  promised: bigint;
}

/**
 * The platform's own coin: the chain has what the ledger may still promise. More is no error, because coin comes from outside;
 * less means that somebody else has spent it. Tells, and stops nothing: transactions without coin are refused by themselves.
 */
export function gasChecker(deps: FindingDeps): () => Promise<GasFigure[]> {
  const shortTimes = new Map<string, number>();
  return async () => {
    const figures: GasFigure[] = [];
    for (const kind of ['treasury', 'reserve'] as const) {
      const { walletId, address } = platformSigner(deps, kind);
      // In this order: what is signed in between makes the ledger's figure smaller, never larger than the chain's.
      const { available, promised } = await gasRows.gasOf(deps.db, walletId);
      const chain = await deps.chain.nativeBalance(address);
      figures.push({ kind, chain, available, promised });
      const times = chain < available ? (shortTimes.get(kind) ?? 0) + 1 : 0;
      shortTimes.set(kind, times);
      if (times < SHORT_TIMES) continue;
      await raiseAlarm(deps, deps.db, {
        kind: 'gas-differs',
        subject: kind,
        detail: `Expected at least ${available} of the ${kind}'s coin on the chain (base units), got ${chain}. Somebody else has spent it: look at ${address} in the scanner.`,
      });
    }
    return figures;
  };
}
