/** `jigeum tx show <hash>`: what the chain says of a transaction, through the server's public scanner. */
import { parseArgs } from 'node:util';
import { ApiProblem, ApiUnknown, createApiClient } from '@jigeum/api';
import { formatAmount } from '@jigeum/money';
import { readCliConfig } from '../config.ts';
import { operatorOptions, serverUrl } from '../operator.ts';
import { Refusal } from '../refusal.ts';

const USAGE = 'Usage: jigeum tx show <0x and 64 hex digits> [--url <server>] [--data <folder>] [--json]';
const SYM_DECIMALS = 18;

export async function txCommand(argv: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      ...operatorOptions,
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const [verb, hash] = positionals;
  if (values.help) {
    console.log(USAGE);
    return;
  }
  if (verb !== 'show' || hash === undefined || !/^0x[0-9a-f]{64}$/.test(hash)) throw new Refusal(USAGE);
  const baseUrl = serverUrl(readCliConfig().rootDir, values);
  try {
    const transaction = await createApiClient({ baseUrl }).call('scanTransaction', { params: { hash } });
    if (values.json) {
      console.log(
        JSON.stringify(
          transaction,
          (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value),
          2,
        ),
      );
      return;
    }
    const { call } = transaction;
    const amount =
      call?.amount === null || call?.amount === undefined
        ? ''
        : ` ${formatAmount(call.amount, call.tokenDecimals ?? 0, { grouping: true })} ${call.tokenSymbol ?? ''}`;
    console.log(
      [
        `hash      ${transaction.hash}`,
        `state     ${transaction.state}${transaction.error === null ? '' : `: ${transaction.error.en}`}`,
        `block     ${transaction.blockNumber ?? 'none yet'}${transaction.at === null ? '' : ` at ${transaction.at}`}`,
        `from      ${transaction.from}`,
        `to        ${transaction.to ?? 'a new contract'}`,
        `call      ${call === null ? 'none' : `${call.template} ${call.method}${amount}${call.to === null ? '' : ` to ${call.to}`}`}`,
        `value     ${formatAmount(transaction.valueHug, SYM_DECIMALS)} SYM`,
        `fee       ${transaction.feeHug === null ? 'none yet' : `${formatAmount(transaction.feeHug, SYM_DECIMALS)} SYM for ${transaction.gasUsed} gas`}`,
      ].join('\n'),
    );
  } catch (error) {
    if (error instanceof ApiProblem) throw new Refusal(`The chain does not know ${hash} (${error.problem.code}).`);
    if (error instanceof ApiUnknown)
      throw new Refusal(`${baseUrl} does not answer. Start it with "npm start", or name another with --url.`);
    throw error;
  }
}
