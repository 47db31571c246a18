/** `jigeum reconcile`: compares ledger and chain and prints a table; `decide` settles a difference. Through the server's API. */
import { parseArgs } from 'node:util';
import type { ApiClient, FindingView, ReconciledSumsView } from '@jigeum/api';
import { formatAmount } from '@jigeum/money';
import { systemClock } from '@jigeum/std';
import { readCliConfig } from '../config.ts';
import { askServer, operatorOptions } from '../operator.ts';
import { newKey } from '../person.ts';
import { Refusal } from '../refusal.ts';

const USAGE = `Usage:
  jigeum reconcile [--full]
  jigeum reconcile decide <finding> --resume | --adopt --reason <text>

Compares every wallet with the chain at one block, then the sums; --full also asks the chain for every transaction that has
ended here. Ends with status 1 where anything differs. "--resume" goes on with the difference; "--adopt" takes over what the
chain says by a correcting entry. When no finding is undecided, payments go on.
Options: --data <folder> of a running "npm start", or --url and --token-file; --key <uuid> to repeat a decision safely.`;

export async function reconcileCommand(argv: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      ...operatorOptions,
      full: { type: 'boolean', default: false },
      resume: { type: 'boolean', default: false },
      adopt: { type: 'boolean', default: false },
      reason: { type: 'string' },
      key: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const [verb, findingId] = positionals;
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const { rootDir } = readCliConfig();
  if (verb === undefined) {
    const isRight = await askServer(rootDir, values, (api) => compareAll(api, values.full));
    if (!isRight) process.exitCode = 1;
    return;
  }
  const { reason } = values;
  if (verb !== 'decide' || findingId === undefined || reason === undefined || values.resume === values.adopt)
    throw new Refusal(USAGE);
  const idempotencyKey = values.key ?? newKey();
  const body = { decision: values.adopt ? 'adopt' : 'resume', reason } as const;
  const finding = await askServer(
    rootDir,
    values,
    (api) => api.call('operatorDecideFinding', { idempotencyKey, params: { findingId }, body }),
    idempotencyKey,
  );
  console.log(findingText(finding));
}

/** Prints what it compares as it goes. True where everything agrees. */
async function compareAll(api: ApiClient, isFull: boolean): Promise<boolean> {
  const startedMs = systemClock.monotonicMs();
  const total = { wallets: 0, figures: 0, differences: 0, broken: 0, ahead: 0 };
  let after: string | null = null;
  let block: number | null = null;
  do {
    const page: Awaited<ReturnType<typeof api.call<'operatorReconcileWallets'>>> = await api.call(
      'operatorReconcileWallets',
      { body: { after, block } },
    );
    for (const name of ['wallets', 'figures', 'differences', 'broken', 'ahead'] as const) total[name] += page[name];
    after = page.next;
    block = page.block;
  } while (after !== null);
  const rows: [string, string, string][] = [
    [
      'wallets',
      `${total.wallets} wallets, ${total.figures} balances at block ${block}`,
      bad(total.differences, 'differ'),
    ],
    ['inside', 'held = open payments, balance = postings', bad(total.broken, 'are broken')],
    ['nonces', 'the chain counts no more than was signed here', bad(total.ahead, 'wallets are ahead')],
  ];
  let isRight = total.differences + total.broken + total.ahead === 0;
  if (isFull) {
    const checked = await compareTransactions(api);
    const wrong = checked.wrong.length + checked.withoutEntry.length;
    isRight &&= wrong === 0;
    rows.push(['transactions', `${checked.transactions} asked for on the chain`, bad(wrong, 'differ')]);
    for (const hash of checked.wrong.slice(0, 20)) rows.push(['', `the chain says otherwise of ${hash}`, 'LOOK']);
    for (const id of checked.withoutEntry.slice(0, 20)) rows.push(['', `transfer ${id} has no journal entry`, 'LOOK']);
  }
  const sums = await api.call('operatorReconcileSums', {});
  rows.push(...sumRows(sums));
  isRight &&= rows.every(([, , verdict]) => verdict === 'ok');
  console.log(rows.map(([name, what, verdict]) => `${name.padEnd(13)} ${what.padEnd(72)} ${verdict}`).join('\n'));
  const { items } = await api.call('operatorListFindings', { query: { state: 'open', limit: 100 } });
  for (const finding of items) console.log(`\n${findingText(finding)}`);
  const seconds = ((systemClock.monotonicMs() - startedMs) / 1000).toFixed(1);
  console.log(
    isRight && items.length === 0
      ? `\nLedger and chain agree (${seconds} s).`
      : `\nLedger and chain do not agree, or a finding is undecided (${seconds} s).`,
  );
  return isRight && items.length === 0;
}

async function compareTransactions(
  api: ApiClient,
): Promise<{ transactions: number; wrong: string[]; withoutEntry: string[] }> {
  const total = { transactions: 0, wrong: [] as string[], withoutEntry: [] as string[] };
  let after: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof api.call<'operatorReconcileTransactions'>>> = await api.call(
      'operatorReconcileTransactions',
      { body: { after } },
    );
    total.transactions += page.transactions;
    total.wrong.push(...page.wrong);
    total.withoutEntry.push(...page.withoutEntry);
    after = page.next;
  } while (after !== null);
  return total;
}

function sumRows(sums: ReconciledSumsView): [string, string, string][] {
  return [
    ...sums.supply.map((each): [string, string, string] => [
      'supply',
      `${each.tokenSymbol}: ${each.chain} on the chain, ${each.issued} issued, ${each.wallets} in wallets`,
      each.chain === each.issued && each.wallets === each.expected ? 'ok' : 'DIFFERS',
    ]),
    ...sums.coin.map((each): [string, string, string] => [
      'coin',
      `${each.wallet}: ${each.chain} on the chain, ${each.available} free, ${each.promised} promised`,
      each.chain >= each.available ? 'ok' : 'SHORT',
    ]),
    ['entries', 'each says what its source says', bad(sums.brokenEntries, 'are broken')],
    ['continuous', `up to block ${sums.checkedBlock ?? 'none'}, all wallets by ${sums.sweptAt ?? 'no time yet'}`, 'ok'],
  ];
}

const bad = (count: number, what: string): string => (count === 0 ? 'ok' : `${count} ${what.toUpperCase()}`);

function findingText(finding: FindingView): string {
  const shown = (amount: bigint): string =>
    formatAmount(amount < 0n ? -amount : amount, finding.decimals, { grouping: true });
  const difference = finding.chain - finding.ledger;
  return [
    `finding ${finding.findingId}`,
    `  wallet     ${finding.memberId ?? 'of the platform'} ${finding.address} (${finding.walletId})`,
    `  ledger     ${finding.ledger < 0n ? '-' : ''}${shown(finding.ledger)} ${finding.tokenSymbol} at block ${finding.block}`,
    `  chain      ${shown(finding.chain)} ${finding.tokenSymbol}: ${shown(difference)} ${difference > 0n ? 'more' : 'less'}`,
    `  last entry ${finding.lastEntryId ?? 'none'}`,
    `  unknown    ${finding.unknownTransactions.length === 0 ? 'no transaction explains it' : finding.unknownTransactions.join(' ')}`,
    `  decision   ${finding.decision === null ? 'none: nothing is signed until there is one' : `${finding.decision}: ${finding.reason}`}`,
  ].join('\n');
}
