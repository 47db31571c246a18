/** `jigeum outflow list | stop | resume`: what keeps the platform from signing, through the server's API. */
import type { OutflowStopView, StoppedOutflowView } from '@jigeum/api';
import { readCliConfig } from '../config.ts';
import { askServer } from '../operator.ts';
import { listOptions, readWords } from '../operator-words.ts';
import { newKey } from '../person.ts';
import { Refusal } from '../refusal.ts';

const USAGE = `Usage:
  jigeum outflow [list] [--all]
  jigeum outflow stop [--token <symbol>] --reason <text>
  jigeum outflow resume <stop> --reason <text>

"stop" answers when no later signature is possible; payments that were accepted before go on and are listed.
A single wallet is stopped with "jigeum wallet freeze". A quarantine ends with "jigeum recover".
Options: --data <folder> of a running "npm start", or --url and --token-file; --key <uuid> to repeat a request safely.`;

export async function outflowCommand(argv: string[]): Promise<void> {
  const { values, verb, id: stopId } = readWords(argv, { ...listOptions, token: { type: 'string' } });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const { rootDir } = readCliConfig();
  const idempotencyKey = values.key ?? newKey();
  const { reason, token } = values;
  if (verb === 'list') {
    const page = await askServer(rootDir, values, (api) =>
      api.call('operatorListStops', { query: { state: values.all ? 'all' : 'open', limit: 100 } }),
    );
    console.log(page.items.length === 0 ? 'Nothing is stopped.' : page.items.map(stopText).join('\n\n'));
  } else if (verb === 'stop' && reason !== undefined) {
    const body =
      token === undefined
        ? ({ scope: 'platform', reason } as const)
        : ({ scope: 'token', symbol: token, reason } as const);
    console.log(
      stoppedText(
        await askServer(
          rootDir,
          values,
          (api) => api.call('operatorStopOutflow', { idempotencyKey, body }),
          idempotencyKey,
        ),
      ),
    );
  } else if (verb === 'resume' && stopId !== undefined && reason !== undefined) {
    const input = { idempotencyKey, params: { stopId }, body: { reason } };
    console.log(
      stopText(await askServer(rootDir, values, (api) => api.call('operatorLiftStop', input), idempotencyKey)),
    );
  } else throw new Refusal(USAGE);
}

export function stopText(stop: OutflowStopView): string {
  const subject = stop.tokenSymbol ?? stop.address ?? '';
  return [
    `${stop.scope}${subject === '' ? '' : ` ${subject}`}  stopped by ${stop.cause}`,
    `  stop    ${stop.stopId}`,
    `  since   ${stop.stoppedAt}, by ${stop.stoppedBy}`,
    `  reason  ${stop.reason}`,
    `  state   ${stop.liftedAt === null ? 'nothing is signed' : `lifted ${stop.liftedAt} by ${stop.liftedBy}: ${stop.liftReason}`}`,
  ].join('\n');
}

export function stoppedText(stop: StoppedOutflowView): string {
  const flying = stop.inFlight.map((row) => `  ${row.purpose} ${row.sourceId}  ${row.state}  ${row.transactionHash}`);
  return [
    stopText(stop),
    `Signed before and under way: ${stop.inFlightCount}.${stop.inFlightCount > flying.length ? ` The oldest ${flying.length}:` : ''}`,
    ...flying,
  ].join('\n');
}
