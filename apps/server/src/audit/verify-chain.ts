/**
 * Reads the whole chain of the audit log, in order, and checks each link and row. Believes nothing of the database but that it
 * returns what is stored in it.
 */
import { sql } from 'kysely';
import { AUDIT_ROW_LINES, rowMac, type Secrets, type Trx } from '#platform';
import { linkMac } from './chain-job.ts';
import type { Findings } from './findings.ts';
import { GENESIS_HASH, linkHash } from './link.ts';

import * as store from './store.ts';

/** Rows of one FETCH: some megabytes, and the next are read while these are checked. */
const FETCH = 4_000;

export interface ChainVerdict {
  links: bigint;
  /** The newest link, or null of an empty chain. */
  last: { seq: bigint; hash: string } | null;
}

export interface ChainInput {
  /** Null: HMACs cannot be checked, as for everybody who has no server key. */
  secrets: Secrets | null;
  /** Begins after this link, whose hash is believed; null from the start. */
  after: { seq: bigint; hash: string } | null;
  findings: Findings;
  /** Called for each link, with the hash that is stored for it. */
  onLink(seq: bigint, hash: string): void;
}

/** Streams through a cursor of `trx`, so that no row is passed over, also where an index has lost its uniqueness. */
export async function verifyChain(trx: Trx, input: ChainInput): Promise<ChainVerdict> {
  await store.openChainCursor(trx, input.after?.seq ?? 0n);
  let last = input.after;
  let links = 0n;
  let pending = store.fetchChain(trx, FETCH);
  for (;;) {
    const rows = await pending;
    if (rows.length === 0) break;
    pending = store.fetchChain(trx, FETCH);
    for (const row of rows) {
      const seq = BigInt(row.seq);
      checkLink(input, row, { seq, last });
      input.onLink(seq, row.hash);
      last = { seq, hash: row.hash };
      links++;
    }
  }
  await sql`close audit_chain`.execute(trx);
  return { links, last };
}

function checkLink(
  { findings, secrets }: ChainInput,
  row: store.ChainRow,
  { seq, last }: { seq: bigint; last: { seq: bigint; hash: string } | null },
): void {
  const expected = (last?.seq ?? 0n) + 1n;
  if (seq > expected)
    findings.add({
      where: 'link',
      seq: expected,
      name: String(expected),
      problem: `Expected link ${expected}, got link ${seq}: ${seq - expected} links are missing.`,
    });
  if (seq < expected)
    findings.add({ where: 'link', seq, name: String(seq), problem: `Expected link ${seq} once, got it again.` });
  const problem = problemOf(secrets, row, { seq, previous: last?.hash ?? GENESIS_HASH });
  if (problem !== null) findings.add({ where: 'row', seq, name: row.rowId, problem: `Link ${seq}: ${problem}` });
}

/** The first thing that is wrong with a link and its row, or null. */
function problemOf(
  secrets: Secrets | null,
  row: store.ChainRow,
  { seq, previous }: { seq: bigint; previous: string },
): string | null {
  const { text, mac, trx } = row;
  if (text === null || mac === null || trx === null) return 'its row is missing.';
  if (!hasRowLines(text)) return 'a field of its row holds a line break.';
  if (secrets !== null && hex(rowMac({ secrets }, text)) !== mac)
    return 'its row was changed, or was not written by the platform: the HMAC does not fit.';
  if (linkHash({ seq, previous, trx, rowMac: mac, rowText: text }) !== row.hash)
    return 'its hash does not follow from its row and the link before: a row or a link was changed, moved or taken away.';
  if (secrets !== null && hex(linkMac({ secrets }, row.hash)) !== row.linkMac)
    return 'it was not made by the platform: the HMAC of the link does not fit.';
  return null;
}

function hasRowLines(text: string): boolean {
  let lines = 1;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines++;
  return lines === AUDIT_ROW_LINES;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
