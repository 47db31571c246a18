/** What a searched text may mean. */
import type { CallOutput, ScanMatch } from '@jigeum/api';
import { questionsIn, type Question } from './search-text.ts';
import { blockAt, blockNumberOf, transactionByHash, transactionsOfAddress } from './public-store.ts';
import { decimalsByContract, tokenAt, tokensNamed } from './public-token-store.ts';
import { safeNumber } from '#platform';
import type { ReadDeps } from './reads.ts';
import { tokenRowView } from './views.ts';

/** Tokens of one name that are shown. */
const TOKENS_SHOWN = 8;

/** Everything that the chain knows under this text, the likeliest first. */
export async function scanSearch(deps: ReadDeps, text: string): Promise<CallOutput<'scanSearch'>> {
  const found = await Promise.all(questionsIn(text).map((question) => answerTo(deps, question)));
  return { matches: found.flat() };
}

async function answerTo(deps: ReadDeps, question: Question): Promise<ScanMatch[]> {
  switch (question.kind) {
    case 'block': {
      const block = await blockAt(deps.scanDb, question.number);
      return block === undefined ? [] : [{ kind: 'block', number: safeNumber(block.number), hash: block.hash }];
    }
    case 'hash':
      return await ofHash(deps, question.hash);
    case 'address':
      return await ofAddress(deps, question.address);
    case 'name': {
      const [rows, decimals] = await Promise.all([
        tokensNamed(deps.scanDb, { text: question.text, limit: TOKENS_SHOWN }),
        decimalsByContract(deps.scanDb),
      ]);
      return rows.map((row) => ({ kind: 'token', token: tokenRowView(row, decimals) }));
    }
  }
}

async function ofHash(deps: ReadDeps, hash: string): Promise<ScanMatch[]> {
  const [number, transaction] = await Promise.all([
    blockNumberOf(deps.scanDb, hash),
    transactionByHash(deps.scanDb, hash),
  ]);
  if (number !== undefined) return [{ kind: 'block', number: safeNumber(number), hash }];
  if (transaction !== undefined) return [{ kind: 'transaction', hash }];
  // One that is still waiting is known to the node alone.
  return (await deps.chain.transaction(hash)) === null ? [] : [{ kind: 'transaction', hash }];
}

async function ofAddress(deps: ReadDeps, address: string): Promise<ScanMatch[]> {
  const [token, used, identity, decimals] = await Promise.all([
    tokenAt(deps.scanDb, address),
    transactionsOfAddress(deps.scanDb, { address, after: undefined, limit: 1 }),
    deps.chain.identity(address),
    decimalsByContract(deps.scanDb),
  ]);
  if (token !== undefined) return [{ kind: 'token', token: tokenRowView(token, decimals) }];
  return identity === null && used.length === 0 ? [] : [{ kind: 'account', symId: address }];
}
