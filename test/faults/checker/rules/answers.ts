/** INV-05, INV-09: who was told "accepted" finds the payment, and one key has one answer. */
import { isEnd } from '../tables.ts';
import type { World } from '../world.ts';
import type { Tell } from '../violation.ts';

export function checkAnswers({ db, answers, isDrained }: World, tell: Tell): void {
  const byKey = new Map([...db.idempotency_keys.values()].map((row) => [`${row.actor} ${row.route} ${row.key}`, row]));
  for (const { key, memberId, answer } of answers) {
    if (answer.kind !== 'answered' || answer.status < 200 || answer.status >= 300) continue;
    const transfer = db.transfers.get(key);
    if (transfer === undefined)
      tell('INV-05', `transfer ${key}`, `Expected the transfer that was answered with ${answer.status}, got none.`);
    const stored = byKey.get(`member:${memberId} requestTransfer ${key}`);
    if (stored === undefined)
      tell('INV-09', `key ${key}`, 'Expected the stored answer of a key that was answered, got none.');
    else if (stored.response !== answer.text || stored.status !== BigInt(answer.status))
      tell('INV-09', `key ${key}`, `Expected the stored bytes ${stored.response}, a client got ${answer.text}.`);
  }
  for (const { actor, route, key } of db.idempotency_keys.values())
    if (route === 'requestTransfer' && !db.transfers.has(key))
      tell('INV-09', `key ${key}`, `Expected the effect of a stored answer to ${actor}, got none.`);
  if (!isDrained) return;
  for (const { id, state } of db.transfers.values())
    if (!isEnd(state))
      tell('INV-05', `transfer ${id}`, `Expected an end after everything has calmed down, got ${state}.`);
}
