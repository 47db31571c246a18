/**
 * A log for attacks: chained, with checkpoints, heads and anchors, made by the code of the platform; and a connection of a
 * superuser, who may do everything in the database and has none of the platform's keys.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import type { Ids } from '@jigeum/std';
import { auditAll, inTrx, type AuditEntry, type Db } from '../../../apps/server/src/platform/index.ts';
import { createTestDeps } from '../../../apps/server/src/platform/testing.ts';
import { openDb } from '../../../apps/server/src/platform/db.ts';
import { readAnchorFile } from '../../../apps/server/src/audit/anchor-file.ts';
import { createAuditKey } from '../../../apps/server/src/audit/audit-key.ts';
import { CHAIN_BOUNDS, chainRows } from '../../../apps/server/src/audit/chain-job.ts';
import { checkpointAuditJob } from '../../../apps/server/src/audit/checkpoint-job.ts';
import type { VerifyInput } from '../../../apps/server/src/audit/verify.ts';

export interface AttackedLog {
  /** As a superuser, on one connection, with triggers and constraints out of the way. */
  attacker: Db;
  rows: number;
  /** What an honest verification is given: keys, and the anchors that were kept elsewhere. */
  input: VerifyInput;
  drop(): Promise<void>;
}

/** Rows between two heads; every fifth of those ends is a checkpoint. */
const ROWS_A_HEAD = 100;

/** Makes a log of so many rows, a multiple of a hundred. */
export async function makeLog(rows: number): Promise<AttackedLog> {
  const folder = mkdtempSync(join(tmpdir(), 'jigeum-audit-log-'));
  const anchorPath = join(folder, 'anchors');
  const base = await createTestDeps({
    config: {
      audit: { keyFile: null, anchorPath, isOnChain: false, checkpointRows: 5 * ROWS_A_HEAD, checkpointMinutes: 60 },
    },
    connectionsMax: 4,
  });
  const deps = { ...base, chain: undefined as never };
  const key = createAuditKey(new Uint8Array(32).fill(3));
  const job = checkpointAuditJob(deps, key);
  for (let written = 0; written < rows; written += ROWS_A_HEAD) {
    // Several transactions, and several rows in some of them.
    for (let part = 0; part < 10; part++) {
      const entries = Array.from({ length: ROWS_A_HEAD / 10 }, (_unused, index) =>
        entryOf(deps.ids, written + part * 10 + index),
      );
      await inTrx(deps, (trx) => auditAll(deps, trx, entries));
      deps.clock.advance(1_000);
    }
    await inTrx(deps, (trx) => chainRows(deps, trx, CHAIN_BOUNDS));
    await job.run(new AbortController().signal);
  }
  // The checkpoints wrote a row of their own: chained and signed like the rest.
  await inTrx(deps, (trx) => chainRows(deps, trx, CHAIN_BOUNDS));
  deps.clock.advance(10_000);
  await job.run(new AbortController().signal);
  const { heads, checkpoints } = await readAnchorFile(anchorPath);
  const owner = openDb({ url: base.database.ownerUrl, connectionsMax: 1, applicationName: 'attacker' });
  await disarm(owner.db);
  return {
    attacker: owner.db,
    rows,
    input: {
      secrets: base.secrets,
      trusted: new Set([key.publicKey]),
      anchors: { heads, checkpoints },
      afterSeq: 0n,
      unlinkedSince: new Date(deps.clock.nowMs()),
    },
    async drop() {
      await owner.close();
      await base.database.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Rows of different shapes. */
function entryOf(ids: Ids, index: number): AuditEntry {
  const id = ids.uuid(1_767_225_600_000 + index);
  if (index % 7 === 0) return { actor: 'job:start', act: 'key.opened', subject: null, facts: { why: 'start' } };
  if (index % 3 === 0)
    return { actor: `member:${id}`, act: 'login.refused', subject: id, facts: { triesLeft: index % 5 } };
  return {
    actor: `member:${id}`,
    act: 'payment.accepted',
    subject: id,
    facts: {
      kind: 'payment',
      payerWallet: id,
      payeeWallet: id,
      token: id,
      amount: BigInt(index),
      hash: 'ab'.repeat(32),
    },
  };
}

/** Takes away what would stop an honest mistake, as somebody who owns the tables can. */
async function disarm(db: Db): Promise<void> {
  for (const table of ['audit_log', 'audit_links', 'audit_checkpoints']) {
    await sql.raw(`alter table ${table} disable trigger all`).execute(db);
    const { rows } = await sql<{ name: string }>`
      select conname as name from pg_constraint where conrelid = ${table}::regclass and contype <> 'n' order by contype <> 'c'
    `.execute(db);
    for (const { name } of rows) await sql.raw(`alter table ${table} drop constraint ${name}`).execute(db);
  }
  // Without its keys the tables are searched by these.
  await sql`create index on audit_log (id)`.execute(db);
  await sql`create index on audit_links (seq)`.execute(db);
  await sql`create index on audit_links (row_id)`.execute(db);
  await sql`alter table audit_log alter column subject drop not null`.execute(db);
}
