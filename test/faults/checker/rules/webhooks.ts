/**
 * INV-20: who has an endpoint hears of each end of a transfer, at least once, by the same id and bytes each time and signed;
 * of each transfer in a sequence without gaps. What was received is compared with what the database says, and with the ends.
 */
import { createHmac } from 'node:crypto';
import { isEnd, type Rows } from '../tables.ts';
import type { SeenWebhook, SeenWebhooks, World } from '../world.ts';
import type { Tell } from '../violation.ts';

/** Whether a request has a right signature; each is computed once. */
export type IsSigned = (webhook: SeenWebhook, secret: string) => boolean;

export function createIsSigned(): IsSigned {
  const known = new WeakMap<SeenWebhook, boolean>();
  return (webhook, secret) => {
    const before = known.get(webhook);
    if (before !== undefined) return before;
    const { id, timestamp, body, signature } = webhook;
    const expected = createHmac('sha256', Buffer.from(secret.replace('whsec_', ''), 'base64'))
      .update(`${id}.${timestamp}.${body}`)
      .digest('base64');
    const isSigned = signature.split(' ').includes(`v1,${expected}`);
    known.set(webhook, isSigned);
    return isSigned;
  };
}

export function checkWebhooks(world: World, isSigned: IsSigned, tell: Tell): void {
  const { db } = world;
  checkRows(world, tell);
  for (const endpoint of db.webhook_endpoints.values()) {
    if (endpoint.disabled_at !== null) continue;
    const own = [...db.webhook_deliveries.values()].filter(({ endpoint_id: id }) => id === endpoint.id);
    const told = new Map(own.filter(({ sequence }) => sequence === 1n).map((row) => [row.subject_id, row]));
    for (const transfer of db.transfers.values()) {
      if (!isEnd(transfer.state) || transfer.final_us === null || transfer.final_us <= endpoint.created_us) continue;
      if (!told.has(transfer.id))
        tell(
          'INV-20',
          `transfer ${transfer.id}`,
          `Expected endpoint ${endpoint.id} to be told that it is ${transfer.state}, it is not.`,
        );
    }
  }
  if (world.webhooks !== null) checkReceived(world, world.webhooks, isSigned, tell);
}

/** Each row says what its transfer is, and those of one transfer are numbered from 1. */
function checkRows({ db, isDrained, webhooks }: World, tell: Tell): void {
  const sequences = new Map<string, bigint[]>();
  for (const row of db.webhook_deliveries.values()) {
    const subject = `webhook_deliveries ${row.id}`;
    const key = `${row.endpoint_id} ${row.subject_id}`;
    sequences.set(key, [...(sequences.get(key) ?? []), row.sequence]);
    const problem = problemOf(row, db.transfers.get(row.subject_id));
    if (problem !== null) tell('INV-20', subject, problem);
    const isLive = db.webhook_endpoints.get(row.endpoint_id)?.disabled_at === null;
    if (isDrained && webhooks !== null && isLive && row.state !== 'delivered')
      tell(
        'INV-20',
        subject,
        `Expected it to have arrived, it is ${row.state} after ${row.attempts} tries: ${row.last_error}`,
      );
  }
  for (const [key, numbers] of sequences) {
    const sorted = numbers.toSorted((left, right) => Number(left - right));
    if (sorted.some((number, index) => number !== BigInt(index + 1)))
      tell(
        'INV-20',
        `webhook_deliveries of ${key}`,
        `Expected sequences from 1 without gaps, got ${sorted.join(', ')}.`,
      );
  }
}

/** What a row says against the transfer that it is about. */
function problemOf(row: Rows['webhook_deliveries'], transfer: Rows['transfers'] | undefined): string | null {
  if (transfer === undefined) return `Expected the transfer ${row.subject_id}, got none.`;
  if (!isEnd(transfer.state)) return `Expected nothing to be told of a transfer that is ${transfer.state}.`;
  const state = transfer.state === 'final' ? 'final' : 'returned';
  const expected = {
    type: `${transfer.kind}.${state}`,
    transferId: transfer.id,
    ...{ kind: transfer.kind, state, sequence: Number(row.sequence) },
    ...{ tokenId: transfer.token_id, amount: transfer.amount.toString() },
    ...{ payerWalletId: transfer.payer_wallet_id, payeeWalletId: transfer.payee_wallet_id },
  };
  const { type, data } = JSON.parse(row.body) as { type: string; data: Record<string, unknown> };
  const said = { type, ...data } as Record<string, unknown>;
  const wrong = Object.entries(expected).find(([field, value]) => said[field] !== value);
  if (wrong !== undefined) return `Expected ${wrong[0]} ${wrong[1]} in its body, got ${String(said[wrong[0]])}.`;
  return row.type === type ? null : `Expected the type ${type} of its body, got ${row.type}.`;
}

/** What receivers got is what the rows say, and what is marked as delivered was received and accepted. */
function checkReceived(
  { db, isDrained }: World,
  { received, secrets }: SeenWebhooks,
  isSigned: IsSigned,
  tell: Tell,
): void {
  const accepted = new Set<string>();
  for (const webhook of received) {
    const subject = `webhook ${webhook.id}`;
    const row = db.webhook_deliveries.get(webhook.id);
    if (row === undefined) {
      // Of what is under way, what was posted after the database was read is for the next check.
      if (isDrained) tell('INV-20', subject, 'Expected a row of what was received, got none.');
      continue;
    }
    if (webhook.isAccepted) accepted.add(webhook.id);
    if (webhook.body !== row.body)
      tell('INV-20', subject, `Expected the bytes of its row in each try, got ${webhook.body}.`);
    const secret = secrets.get(row.endpoint_id);
    if (secret !== undefined && !isSigned(webhook, secret))
      tell('INV-20', subject, `Expected a signature by the endpoint's secret, got ${webhook.signature}.`);
  }
  if (!isDrained) return;
  for (const row of db.webhook_deliveries.values())
    if (row.state === 'delivered' && secrets.has(row.endpoint_id) && !accepted.has(row.id))
      tell(
        'INV-20',
        `webhook_deliveries ${row.id}`,
        'Expected what is marked as delivered to have been accepted, it was not.',
      );
}
