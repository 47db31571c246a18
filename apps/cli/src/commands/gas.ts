/** `jigeum gas`: how long the coin lasts that pays members' fees, through the server's API. */
import { parseArgs } from 'node:util';
import { ApiProblem, ApiUnknown, type OperatorGasView } from '@jigeum/api';
import { readCliConfig } from '../config.ts';
import { operatorClient, operatorOptions } from '../operator.ts';
import { Refusal } from '../refusal.ts';

const USAGE = `Usage: jigeum gas

Shows what the treasury has, what was granted today and how many days are left at the average of the last seven.
Options: --data <folder> of a running "npm start", or --url and --token-file.`;

export async function gasCommand(argv: string[]): Promise<void> {
  const { values } = parseArgs({
    args: argv,
    options: { ...operatorOptions, help: { type: 'boolean', default: false } },
  });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  try {
    console.log(gasText(await operatorClient(readCliConfig().rootDir, values).call('operatorShowGas', {})));
  } catch (error) {
    if (error instanceof ApiProblem || error instanceof ApiUnknown) throw new Refusal(error.message);
    throw error;
  }
}

/** Counts of payments, which say more than base units of coin. */
export function gasText(view: OperatorGasView): string {
  const payments = (amount: bigint): string => `${(amount / view.paymentFee).toLocaleString('en')} payments`;
  return [
    `treasury       ${view.treasuryAddress}`,
    `has            ${payments(view.available)} (${view.available} base units)`,
    `keeps          ${payments(view.floor)}: grants stop above that`,
    `granted today  ${payments(view.grantedToday)} of ${payments(view.dayBudget)}; to one member at most ${payments(view.memberDayBudget)}`,
    `spends         ${payments(view.spentPerDay)} a day, the average of the last seven`,
    `days left      ${view.daysLeft ?? 'nothing was granted in the last seven days'}`,
  ].join('\n');
}
