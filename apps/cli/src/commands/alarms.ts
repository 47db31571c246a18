/** `jigeum alarms list | ack | resolve`: what an operator must look at, through the server's API. */
import type { AlarmView } from '@jigeum/api';
import { readCliConfig } from '../config.ts';
import { askServer } from '../operator.ts';
import { listOptions, readWords } from '../operator-words.ts';
import { newKey } from '../person.ts';
import { Refusal } from '../refusal.ts';

const USAGE = `Usage:
  jigeum alarms [list] [--all]
  jigeum alarms ack <alarm> --reason <text>
  jigeum alarms resolve <alarm> --reason <text>

"ack" says that somebody looks at it; "resolve" closes it. Where its cause lasts, a new one is raised.
What to do about each kind stands in docs/operating/alarms.md.
Options: --data <folder> of a running "npm start", or --url and --token-file; --key <uuid> to repeat a request safely.`;

export async function alarmsCommand(argv: string[]): Promise<void> {
  const { values, verb, id: alarmId } = readWords(argv, listOptions);
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const { rootDir } = readCliConfig();
  if (verb === 'list') {
    const page = await askServer(rootDir, values, (api) =>
      api.call('operatorListAlarms', { query: { state: values.all ? 'all' : 'open', limit: 100 } }),
    );
    console.log(page.items.length === 0 ? 'No alarm is open.' : page.items.map(textOf).join('\n\n'));
    if (page.nextCursor !== null) console.log('\nThere are more than 100; these are the newest.');
    return;
  }
  if ((verb !== 'ack' && verb !== 'resolve') || alarmId === undefined || values.reason === undefined)
    throw new Refusal(USAGE);
  const idempotencyKey = values.key ?? newKey();
  const route = verb === 'ack' ? 'operatorAcknowledgeAlarm' : 'operatorResolveAlarm';
  const input = { idempotencyKey, params: { alarmId }, body: { reason: values.reason } };
  console.log(textOf(await askServer(rootDir, values, (api) => api.call(route, input), idempotencyKey)));
}

function textOf(alarm: AlarmView): string {
  const state =
    alarm.resolvedAt !== null
      ? `resolved ${alarm.resolvedAt}: ${alarm.resolveReason}`
      : alarm.acknowledgedAt !== null
        ? `acknowledged ${alarm.acknowledgedAt}: ${alarm.acknowledgeReason}`
        : 'open';
  return [
    `${alarm.kind}  ${alarm.subject}`,
    `  alarm   ${alarm.alarmId}`,
    `  seen    ${alarm.times} times, first ${alarm.raisedAt}, last ${alarm.lastSeenAt}`,
    `  state   ${state}`,
    `  detail  ${alarm.detail}`,
  ].join('\n');
}
