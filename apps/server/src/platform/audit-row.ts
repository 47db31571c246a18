/**
 * The form of a row of the audit log in which it is bound and chained: eight lines of text, the same from the program that
 * writes it and from the database that gives it back. Defined in docs/protocol/audit-log.md.
 */
import { AUDIT_ACTS, type AuditAct, type AuditFact } from './audit-acts.ts';

/** What a row says, before it is bound. */
export interface AuditRowText {
  id: string;
  /** Microseconds since 1970: as exact as the column. */
  atMicros: bigint;
  actor: string;
  act: string;
  /** Null is written as an empty line. */
  subject: string | null;
  request: string;
  /** Canonical JSON. */
  facts: string;
}

const HEADING = 'jigeum audit row 1';
/** The heading and seven fields. A field with a line break in it would make more, and two rows could look like one. */
export const AUDIT_ROW_LINES = 8;

/** The eight lines. Pure; the last one does not end in a line break. */
export const auditRowText = (row: AuditRowText): string =>
  [HEADING, row.id, row.atMicros, row.actor, row.act, row.subject ?? '', row.request, row.facts].join('\n');

/**
 * The facts of an act as canonical JSON: sorted keys, no spaces, bigint as decimal text. Throws where a fact is missing or is
 * not on the act's list, so that the act does not happen (INV-23).
 */
export function factsText(act: AuditAct, facts: Readonly<Record<string, AuditFact>>): string {
  const names = Object.keys(facts).sort();
  const expected: readonly string[] = [...AUDIT_ACTS[act].facts].sort();
  if (names.join() !== expected.join())
    throw new TypeError(`Expected the facts ${expected.join(', ')} of ${act}, got ${names.join(', ')}.`);
  return `{${names.map((name) => `${JSON.stringify(name)}:${valueText(facts[name]!)}`).join(',')}}`;
}

const valueText = (value: AuditFact): string => JSON.stringify(typeof value === 'bigint' ? value.toString() : value);
