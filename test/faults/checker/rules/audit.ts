/** INV-13: the chain over the audit log, recomputed from docs/protocol/audit-log.md. */
import { createHash, createHmac, hkdfSync } from 'node:crypto';
import type { Rows } from '../tables.ts';
import type { World } from '../world.ts';
import type { Tell } from '../violation.ts';

const NOTHING = '0'.repeat(64);

export function checkAudit({ db, serverKey }: World, tell: Tell): void {
  const macOf =
    serverKey === null ? null : { row: macWith(serverKey, 'audit row'), link: macWith(serverKey, 'audit link') };
  for (const row of db.audit_log.values())
    if (macOf !== null && macOf.row(Buffer.from(linesOf(row).join('\n'), 'utf8')) !== row.mac)
      tell('INV-13', `audit_log ${row.id}`, 'Expected a row as it was written, its code does not fit.');
  let before = NOTHING;
  const links = [...db.audit_links.values()].sort((left, right) => (left.seq < right.seq ? -1 : 1));
  for (const [index, link] of links.entries()) {
    const subject = `audit_links ${link.seq}`;
    if (link.seq !== BigInt(index + 1)) return tell('INV-13', subject, `Expected link ${index + 1}, got ${link.seq}.`);
    const row = db.audit_log.get(link.row_id);
    if (row === undefined) return tell('INV-13', subject, `Expected row ${link.row_id}, got none.`);
    const text = ['jigeum audit link 1', String(link.seq), before, row.trx, row.mac, ...linesOf(row)].join('\n');
    const hash = createHash('sha256').update(text).digest('hex');
    if (hash !== link.hash) return tell('INV-13', subject, `Expected the hash ${hash}, got ${link.hash}.`);
    if (macOf !== null && macOf.link(Buffer.from(hash, 'hex')) !== link.mac)
      return tell('INV-13', subject, 'Expected a link as it was written, its code does not fit.');
    before = link.hash;
  }
}

const linesOf = (row: Rows['audit_log']): string[] => [
  'jigeum audit row 1',
  row.id,
  row.at_us,
  row.actor,
  row.act,
  row.subject ?? '',
  row.request,
  row.facts,
];

function macWith(serverKey: Uint8Array, purpose: string): (bytes: Buffer) => string {
  const key = Buffer.from(hkdfSync('sha256', serverKey, 'jigeum server key', `hmac ${purpose}`, 32));
  return (bytes) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return createHmac('sha256', key).update(length).update(bytes).digest('hex');
  };
}
