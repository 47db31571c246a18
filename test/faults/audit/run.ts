/** Attacks an audit log many times, and has each attempt looked for by the verification that an operator runs. */
import { sql } from 'kysely';
import { verifyAudit, type Verdict } from '../../../apps/server/src/audit/verify.ts';
import type { Trx } from '../../../apps/server/src/platform/index.ts';
import { Random } from '../../fuzz/random.ts';
import { makeLog, type AttackedLog } from './log.ts';
import { MUTATIONS, type Mutation } from './mutations.ts';

export interface Attempt {
  index: number;
  mutation: string;
  did: string;
  isFound: boolean;
  /** Where the attack was on the content of one row: the verification has named it. */
  isNamed: boolean | null;
}

export interface AuditFaults {
  rows: number;
  attempts: Attempt[];
  /** Rows that were verified in a second, over all attempts. */
  rate: number;
}

const VACUUM_EVERY = 20;

/** Throws where the log is not whole before and after. */
export async function runAuditFaults(options: {
  seed: string;
  count: number;
  rows: number;
  tell(line: string): void;
}): Promise<AuditFaults> {
  const log = await makeLog(options.rows);
  try {
    await expectWhole(log);
    const attempts: Attempt[] = [];
    let links = 0n;
    let ms = 0;
    for (let index = 0; index < options.count; index++) {
      // What was undone still lies in the tables, and every reading would pass over it.
      if (index % VACUUM_EVERY === 0)
        await sql`vacuum analyze audit_log, audit_links, audit_checkpoints`.execute(log.attacker);
      const { attempt, verdict, tookMs } = await attack(log, MUTATIONS[index % MUTATIONS.length]!, {
        index,
        random: new Random(options.seed, index),
      });
      attempts.push(attempt);
      links += verdict.links;
      ms += tookMs;
      if ((index + 1) % 500 === 0) options.tell(`${index + 1} of ${options.count}`);
    }
    await expectWhole(log);
    return { rows: options.rows, attempts, rate: Math.round(Number(links) / (ms / 1000)) };
  } finally {
    await log.drop();
  }
}

async function expectWhole(log: AttackedLog): Promise<void> {
  const verdict = await log.attacker.transaction().execute((trx) => verifyAudit(trx, log.input));
  if (verdict.findingCount > 0 || verdict.waiting > 0n || verdict.links < BigInt(log.rows))
    throw new Error(
      `Expected a whole log of ${log.rows} rows before and after the attacks: ${JSON.stringify(verdict.findings[0] ?? null)}`,
    );
}

/** Undoes what the attack did. */
class Undo extends Error {}

async function attack(
  log: AttackedLog,
  mutation: Mutation,
  { index, random }: { index: number; random: Random },
): Promise<{ attempt: Attempt; verdict: Verdict; tookMs: number }> {
  let result: { attempt: Attempt; verdict: Verdict; tookMs: number } | undefined;
  const work = async (trx: Trx): Promise<void> => {
    const { did, rowId } = await mutation.run(trx, random);
    const startedMs = performance.now();
    const verdict = await verifyAudit(trx, log.input);
    const tookMs = performance.now() - startedMs;
    const isNamed = rowId === undefined ? null : verdict.findings.some(({ name }) => name === rowId);
    const isFound = verdict.findingCount > 0;
    result = { attempt: { index, mutation: mutation.name, did, isFound, isNamed }, verdict, tookMs };
    throw new Undo();
  };
  await log.attacker
    .transaction()
    .execute(work)
    .catch((error: unknown) => {
      if (!(error instanceof Undo)) throw error;
    });
  return result!;
}
