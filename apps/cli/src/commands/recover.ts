/** `jigeum recover`: brings a database that is older than the chain up to it. Prints the plan first. Through the server's API. */
import { parseArgs } from 'node:util';
import type { ApiClient, RecoveredItemView } from '@jigeum/api';
import { readCliConfig } from '../config.ts';
import { askServer, operatorOptions } from '../operator.ts';
import { newKey } from '../person.ts';
import { Refusal } from '../refusal.ts';

const USAGE = `Usage:
  jigeum recover                        what would be taken over from the chain; changes nothing
  jigeum recover --apply                take it over; may be repeated
  jigeum recover --end --reason <text>  end the quarantine; refused while ledger and chain differ

Options: --data <folder> of a running "npm start", or --url and --token-file; --key <uuid> to repeat "--end" safely.`;

export async function recoverCommand(argv: string[]): Promise<void> {
  const { values } = parseArgs({
    args: argv,
    options: {
      ...operatorOptions,
      apply: { type: 'boolean', default: false },
      end: { type: 'boolean', default: false },
      reason: { type: 'string' },
      key: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  if (values.apply && values.end) throw new Refusal(USAGE);
  const { rootDir } = readCliConfig();
  if (!values.end) {
    await askServer(rootDir, values, values.apply ? apply : plan);
    return;
  }
  if (values.reason === undefined) throw new Refusal(USAGE);
  const idempotencyKey = values.key ?? newKey();
  const body = { reason: values.reason };
  const ended = await askServer(
    rootDir,
    values,
    (api) => api.call('operatorEndQuarantine', { idempotencyKey, body }),
    idempotencyKey,
  );
  console.log(`The quarantine has ended: ledger and chain agree at block ${ended.block}. Payments go on.`);
}

async function plan(api: ApiClient): Promise<void> {
  let after = 0;
  let count = 0;
  for (;;) {
    const step = await api.call('operatorPlanRecovery', { query: { after } });
    if (after === 0) {
      console.log(`In quarantine since ${step.since}: ${step.found}`);
      console.log(`To be taken over of the blocks after ${step.fromBlock}:`);
    }
    for (const item of step.items) console.log(textOf(item));
    count += step.items.length;
    if (step.isAtHead) {
      console.log(
        count === 0
          ? `Nothing, up to block ${step.head}. Differences that no transaction explains would be corrected.`
          : `${count} transactions, up to block ${step.head}. Take them over with: jigeum recover --apply`,
      );
      return;
    }
    after = step.block;
  }
}

async function apply(api: ApiClient): Promise<void> {
  let count = 0;
  let corrections = 0;
  for (;;) {
    const step = await api.call('operatorApplyRecovery', {});
    for (const item of step.items) console.log(textOf(item));
    count += step.items.length;
    corrections += step.corrections;
    if (!step.isAtHead) continue;
    console.log(`Taken over: ${count} transactions and ${corrections} corrections, up to block ${step.block}.`);
    console.log('Compare with: jigeum reconcile --full. Then end the quarantine: jigeum recover --end --reason <text>');
    return;
  }
}

const textOf = (item: RecoveredItemView): string =>
  `  block ${item.block}  ${item.what}${item.amount === null ? '' : `, ${item.amount} base units`}  ${item.from} → ${item.to ?? 'nobody'}${item.isSuccess ? '' : '  (refused by the chain)'}  ${item.transactionHash}`;
