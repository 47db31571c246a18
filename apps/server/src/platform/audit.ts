/**
 * The audit log's writing side: one row for each act of privilege or value, in the transaction of the act, so that there is
 * neither an act without its row nor a row without its act. A row that cannot be written refuses the act (INV-23).
 *
 * Nothing is chained here: hundreds of payments a second must not wait for one another. The module `audit` chains
 * afterwards; until then the row's own HMAC binds it.
 */
import { sql } from 'kysely';
import type { PlatformDeps } from './deps.ts';
import type { Trx } from './db.ts';
import type { AuditAct, AuditFacts } from './audit-acts.ts';
import { auditRowText, factsText } from './audit-row.ts';
import { requestId } from './request-context.ts';

/** Who acts: a member by their UUID, the operator, a job by its name, the bank, a person who is being identified, nobody known. */
export type AuditActor = `member:${string}` | 'operator' | `job:${string}` | 'bank' | 'check' | 'nobody';

/** One act. `subject`: the UUID of what it is done to, of the kind that the act names; null where it names none. */
export type AuditEntry = {
  [A in AuditAct]: {
    actor: AuditActor;
    act: A;
    subject: string | null;
    facts: AuditFacts<A>;
    /** The id of the request that asked for it, where another one is running: requests may be worked on together. */
    request?: string;
  };
}[AuditAct];

/**
 * The columns of one row of `audit_log`. For a statement that writes more than the log: insert exactly these, by these
 * names, and leave `trx` to its default.
 */
export interface AuditColumns {
  id: string;
  at: Date;
  actor: string;
  act: string;
  subject: string | null;
  request: string;
  facts: string;
  /** 32 bytes. */
  mac: Uint8Array;
}

type AuditDeps = Pick<PlatformDeps, 'clock' | 'ids' | 'secrets'>;

/** Makes the row of an act without writing it. */
export function auditColumns(deps: AuditDeps, entry: AuditEntry): AuditColumns {
  const atMs = deps.clock.nowMs();
  const row = {
    id: deps.ids.uuid(atMs),
    actor: entry.actor,
    act: entry.act,
    subject: entry.subject,
    request: entry.request ?? requestId(),
    facts: factsText(entry.act, entry.facts),
  };
  const text = auditRowText({ ...row, atMicros: BigInt(atMs) * 1000n });
  return { ...row, at: new Date(atMs), mac: rowMac(deps, text) };
}

/** HMAC-SHA256 of a row's text under a key of the server key: 32 bytes. */
export const rowMac = (deps: Pick<PlatformDeps, 'secrets'>, text: string): Uint8Array =>
  deps.secrets.hmac('audit row', Buffer.from(text, 'utf8'));

/** Writes the row of one act in the act's transaction. */
export const audit = (deps: AuditDeps, trx: Trx, entry: AuditEntry): Promise<void> => auditAll(deps, trx, [entry]);

/** Writes the rows of many acts in one statement. */
export async function auditAll(deps: AuditDeps, trx: Trx, entries: readonly AuditEntry[]): Promise<void> {
  if (entries.length === 0) return;
  const rows = entries.map((entry) => auditColumns(deps, entry));
  const column = <K extends keyof AuditColumns>(name: K): AuditColumns[K][] => rows.map((row) => row[name]);
  await sql`
    insert into audit_log (id, at, actor, act, subject, request, facts, mac)
    select * from unnest(
      ${column('id')}::uuid[], ${column('at')}::timestamptz[], ${column('actor')}::text[], ${column('act')}::text[],
      ${column('subject')}::uuid[], ${column('request')}::text[], ${column('facts')}::text[],
      ${column('mac').map((mac) => Buffer.from(mac))}::bytea[])
  `.execute(trx);
}
