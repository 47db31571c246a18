/** `jigeum transfer show | waiting`: where a payment stands and why, through the server's API. */
import { parseArgs } from 'node:util';
import type { OperatorTransferView } from '@jigeum/api';
import { formatAmount } from '@jigeum/money';
import { readCliConfig } from '../config.ts';
import { askServer, operatorOptions } from '../operator.ts';
import { Refusal } from '../refusal.ts';

const USAGE = `Usage:
  jigeum transfer show <transfer>
  jigeum transfer waiting [--older-than 60]

"waiting" lists payments that have not ended after so many seconds, the oldest first.
Options: --data <folder> of a running "npm start", or --url and --token-file.`;

export async function transferCommand(argv: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      ...operatorOptions,
      'older-than': { type: 'string', default: '60' },
      help: { type: 'boolean', default: false },
    },
  });
  const [verb, transferId] = positionals;
  if (values.help || verb === undefined) {
    console.log(USAGE);
    return;
  }
  const { rootDir } = readCliConfig();
  if (verb === 'show' && transferId !== undefined) {
    console.log(
      textOf(await askServer(rootDir, values, (api) => api.call('operatorShowTransfer', { params: { transferId } }))),
    );
  } else if (verb === 'waiting') {
    const olderThanSeconds = Number.parseInt(values['older-than'], 10);
    if (!Number.isInteger(olderThanSeconds)) throw new Refusal(USAGE);
    const { items, count } = await askServer(rootDir, values, (api) =>
      api.call('operatorListWaiting', { query: { olderThanSeconds } }),
    );
    console.log(`${count} payments have waited for more than ${olderThanSeconds} s.`);
    for (const item of items) console.log(`${item.transferId}  since ${item.requestedAt}  ${item.state}`);
  } else throw new Refusal(USAGE);
}

function textOf(transfer: OperatorTransferView): string {
  const { token, transaction } = transfer;
  return [
    `transfer   ${transfer.transferId} (${transfer.kind}${transfer.isRecovered ? ', recovered' : ''})`,
    `state      ${transfer.state}`,
    `why        ${transfer.why}`,
    `chain      ${transfer.chain}`,
    `amount     ${formatAmount(transfer.amount, token.decimals, { grouping: true })} ${token.symbol}`,
    `payer      ${transfer.payerMemberId ?? 'the reserve'} (wallet ${transfer.payerWalletId})`,
    `payee      ${transfer.payeeMemberId ?? 'the reserve'} (wallet ${transfer.payeeWalletId})`,
    `requested  ${transfer.requestedAt}`,
    `ended      ${transfer.finalAt ?? 'not yet'}`,
    ...(transaction === null
      ? []
      : [
          `hash       ${transaction.hash}`,
          `nonce      ${transaction.nonce}, ${transaction.state}, sent ${transaction.attempts} times, next ${transaction.nextAttemptAt ?? 'never'}`,
          `problem    ${transaction.lastProblem ?? 'none'}`,
        ]),
  ].join('\n');
}
