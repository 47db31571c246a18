/** `jigeum wallet freeze | unfreeze`: nothing is signed for a frozen wallet; it still receives. Through the server's API. */
import { parseArgs } from 'node:util';
import type { ApiClient, OutflowStopView } from '@jigeum/api';
import { readCliConfig } from '../config.ts';
import { askServer, operatorOptions } from '../operator.ts';
import { newKey } from '../person.ts';
import { Refusal } from '../refusal.ts';
import { stoppedText, stopText } from './outflow.ts';

const USAGE = `Usage:
  jigeum wallet freeze <wallet> --reason <text>
  jigeum wallet unfreeze <stop> --reason <text>

A wallet is named by its member's ID, its address or its UUID. "freeze" prints the stop that "unfreeze" takes, and answers
when no later signature of the wallet is possible. "jigeum outflow list" shows all frozen wallets.
Options: --data <folder> of a running "npm start", or --url and --token-file; --key <uuid> to repeat a request safely.`;

export async function walletCommand(argv: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      ...operatorOptions,
      reason: { type: 'string' },
      key: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const [verb, name] = positionals;
  if (values.help || verb === undefined) {
    console.log(USAGE);
    return;
  }
  const { reason } = values;
  if (name === undefined || reason === undefined) throw new Refusal(USAGE);
  const { rootDir } = readCliConfig();
  const idempotencyKey = values.key ?? newKey();
  const ask = <T>(work: (api: ApiClient) => Promise<T>) => askServer(rootDir, values, work, idempotencyKey);
  if (verb === 'freeze') {
    const body = { scope: 'wallet', wallet: name, reason } as const;
    console.log(stoppedText(await ask((api) => api.call('operatorStopOutflow', { idempotencyKey, body }))));
  } else if (verb === 'unfreeze') {
    const stop: OutflowStopView = await ask((api) =>
      api.call('operatorLiftStop', { idempotencyKey, params: { stopId: name }, body: { reason } }),
    );
    console.log(stopText(stop));
  } else throw new Refusal(`There is no "wallet ${verb}".\n\n${USAGE}`);
}
