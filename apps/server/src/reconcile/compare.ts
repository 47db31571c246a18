/** Ledger = chain, wallet by wallet, at the end of one block that the ledger has posted (INV-03). Reads only. */
import { assert } from '@jigeum/std';
import type { Deps } from '#deps';
import * as figureRows from './store/figures.ts';

export interface Difference {
  walletId: string;
  address: string;
  tokenId: string;
  symbol: string;
  contract: string;
  /** Base units that the ledger had posted up to `block`. */
  ledger: bigint;
  /** Base units that the chain held at the end of `block`. */
  chain: bigint;
  block: number;
}

/** Wallets of one question to the node. */
const ASK_AT_ONCE = 2_000;

/**
 * Compares wallets in every token at the end of `block`, which must be posted. What is under way explains nothing here:
 * neither side has it. An end that another process is just posting does, so a difference is looked at again (`surely`).
 */
export async function compareWallets(
  deps: Pick<Deps, 'db' | 'chain'>,
  input: { walletIds: readonly string[]; block: number },
): Promise<{ figures: number; differences: Difference[] }> {
  const differences: Difference[] = [];
  let figures = 0;
  for (let start = 0; start < input.walletIds.length; start += ASK_AT_ONCE) {
    const walletIds = input.walletIds.slice(start, start + ASK_AT_ONCE);
    const rows = await figureRows.ledgerAt(deps.db, { walletIds, block: input.block, chainId: deps.chain.chainId });
    const state = deps.chain.stateAt(input.block);
    for (const [contract, some] of Map.groupBy(rows, (row) => row.contract)) {
      const balances = await state.tokenBalances(
        contract,
        some.map((row) => row.address),
      );
      assert(balances.length === some.length, 'one balance for each address');
      figures += some.length;
      for (const [index, row] of some.entries())
        if (row.ledger !== balances[index]!) differences.push(differenceOf(row, balances[index]!, input.block));
    }
  }
  return { figures, differences };
}

const differenceOf = (row: figureRows.LedgerFigure, chain: bigint, block: number): Difference => ({
  walletId: row.wallet_id,
  address: row.address,
  tokenId: row.token_id,
  symbol: row.symbol,
  contract: row.contract,
  ledger: row.ledger,
  chain,
  block,
});

/**
 * Those differences that nothing under way explains: read once more, and without wallets of which a signed transaction is
 * final on the chain and not posted yet. Those are posted within moments, and compared again then.
 */
export async function surely(
  deps: Pick<Deps, 'db' | 'chain'>,
  differences: readonly Difference[],
): Promise<Difference[]> {
  if (differences.length === 0) return [];
  const block = differences[0]!.block;
  const walletIds = [...new Set(differences.map((each) => each.walletId))];
  const open = await figureRows.openTransactions(deps.db, walletIds);
  const outcomes = await deps.chain.outcomes(open.map((row) => row.hash));
  const unposted = new Set(
    open.flatMap((row, index) => (outcomes[index]!.kind === 'final' ? [row.payer_wallet_id, row.payee_wallet_id] : [])),
  );
  const again = await compareWallets(deps, { walletIds, block });
  return again.differences.filter((each) => !unposted.has(each.walletId));
}
