/** `jigeum webhooks list | add | rotate | remove | retry | deliveries | redeliver`: who is told of ends of transfers, through the server's API. */
import type { DeliveryView, WebhookView, WebhookWithSecretView } from '@jigeum/api';
import { readCliConfig } from '../config.ts';
import { askServer, operatorOptions } from '../operator.ts';
import { readWords } from '../operator-words.ts';
import { newKey } from '../person.ts';
import { Refusal } from '../refusal.ts';

const USAGE = `Usage:
  jigeum webhooks [list] [--all]
  jigeum webhooks add <url>              prints the secret, once
  jigeum webhooks rotate <webhook>       a new secret; the ones before sign beside it for a day
  jigeum webhooks remove <webhook>       what is pending for it is given up
  jigeum webhooks deliveries [<webhook>] [--all]
  jigeum webhooks retry <webhook>        the receiver is back: all that has not arrived, now
  jigeum webhooks redeliver <delivery>   one again, also one that has arrived: the same id and bytes

"deliveries" shows what is pending or given up and why; with --all also what has arrived. What is sent, and how a receiver
checks it, stands in docs/integrating/webhooks.md.
Options: --data <folder> of a running "npm start", or --url and --token-file; --key <uuid> to repeat a request safely.
Where the answer to "add" or "rotate" is lost: "list", then "rotate".`;

const OPTIONS = {
  ...operatorOptions,
  all: { type: 'boolean', default: false },
  key: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

export async function webhooksCommand(argv: string[]): Promise<void> {
  const { values, verb, id } = readWords(argv, OPTIONS);
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const { rootDir } = readCliConfig();
  const idempotencyKey = values.key ?? newKey();
  const query = { limit: 100 };
  if (verb === 'list') {
    const state = values.all ? 'all' : 'live';
    const page = await askServer(rootDir, values, (api) =>
      api.call('operatorListWebhooks', { query: { ...query, state } }),
    );
    console.log(listText(page, webhookText, 'Nobody is told: there is no endpoint.'));
  } else if (verb === 'deliveries') {
    const state = values.all ? 'all' : 'open';
    const page = await askServer(rootDir, values, (api) =>
      api.call('operatorListDeliveries', { query: { ...query, state, webhookId: id } }),
    );
    console.log(listText(page, deliveryText, 'Nothing is pending or given up.'));
  } else if (id === undefined) throw new Refusal(USAGE);
  else if (verb === 'add')
    console.log(
      secretText(await askServer(rootDir, values, (api) => api.call('operatorAddWebhook', { body: { url: id } }))),
    );
  else if (verb === 'rotate')
    console.log(
      secretText(
        await askServer(rootDir, values, (api) => api.call('operatorRotateWebhook', { params: { webhookId: id } })),
      ),
    );
  else if (verb === 'remove') {
    const input = { idempotencyKey, params: { webhookId: id } };
    console.log(
      webhookText(await askServer(rootDir, values, (api) => api.call('operatorRemoveWebhook', input), idempotencyKey)),
    );
  } else if (verb === 'retry') {
    const input = { idempotencyKey, params: { webhookId: id } };
    const { due, isComplete } = await askServer(
      rootDir,
      values,
      (api) => api.call('operatorRetryWebhook', input),
      idempotencyKey,
    );
    console.log(`${due} deliveries are due now.${isComplete ? '' : ' There are more: run it again.'}`);
  } else if (verb === 'redeliver') {
    const input = { idempotencyKey, params: { deliveryId: id } };
    console.log(
      deliveryText(await askServer(rootDir, values, (api) => api.call('operatorRedeliver', input), idempotencyKey)),
    );
  } else throw new Refusal(`There is no "webhooks ${verb}".\n\n${USAGE}`);
}

function listText<T>(
  page: { items: readonly T[]; nextCursor: string | null },
  textOf: (item: T) => string,
  none: string,
): string {
  if (page.items.length === 0) return none;
  const more = page.nextCursor === null ? [] : ['There are more than 100; these are the newest.'];
  return [...page.items.map(textOf), ...more].join('\n\n');
}

/** An endpoint as it stands. */
export function webhookText(webhook: WebhookView): string {
  const since = webhook.failingSince === null ? '' : `, since ${webhook.failingSince}`;
  const next = webhook.nextTryAt === null ? '' : `, next try ${webhook.nextTryAt}`;
  return [
    webhook.url,
    `  webhook   ${webhook.webhookId}`,
    `  state     ${webhook.state}${webhook.removedAt === null ? `${since}${next}` : `, ${webhook.removedAt}`}`,
    `  not arrived: ${webhook.pending} pending, ${webhook.givenUp} given up`,
  ].join('\n');
}

/** With the secret, for the one time that it is shown. */
export function secretText(webhook: WebhookWithSecretView): string {
  const old =
    webhook.oldSecretsUntil === null ? [] : [`The secrets before it sign as well until ${webhook.oldSecretsUntil}.`];
  return [
    webhookText(webhook),
    `  secret    ${webhook.secret}`,
    '',
    'Give the secret to the receiver now: it is not shown again.',
    ...old,
  ].join('\n');
}

/** A delivery, and why it has not arrived. */
export function deliveryText(delivery: DeliveryView): string {
  const end = delivery.endedAt === null ? `, next try ${delivery.nextAttemptAt}` : `, ${delivery.endedAt}`;
  return [
    `${delivery.type}  ${delivery.transferId}  to ${delivery.url}`,
    `  delivery  ${delivery.deliveryId}`,
    `  state     ${delivery.state}${end}`,
    `  tries     ${delivery.attempts}${delivery.lastStatus === null ? '' : `, the last was answered ${delivery.lastStatus}`}`,
    ...(delivery.lastError === null ? [] : [`  problem   ${delivery.lastError}`]),
  ].join('\n');
}
