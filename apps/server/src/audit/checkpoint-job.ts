/**
 * Signs what the chain of the audit log has come to. A head goes into the file of anchors every few seconds; a checkpoint, at
 * least hourly and after so many rows, goes into the database, into the file and, by a transaction of the treasury, on the
 * chain. Whoever cuts the log off or brings an old database back has to forge those too.
 *
 * Any process may run it. Each remembers the newest link that it has seen and signs nothing more where that link is gone or
 * another one: a log that is cut off under a running server is found within a second.
 */
import type { Deps } from '#deps';
import { AppError, audit, failpoint, inTrx, raiseAlarm, type Job } from '#platform';
import { sendAnchor } from '#transfers';
import { appendAnchors } from './anchor-file.ts';
import type { AuditKey } from './audit-key.ts';
import {
  anchorIdOf,
  anchorText,
  checkpointHash,
  checkpointLine,
  checkpointText,
  headLine,
  headText,
  NO_CHECKPOINT,
  type Checkpoint,
  type Head,
  type Signed,
} from './checkpoint.ts';
import * as store from './store.ts';

const INTERVAL_MS = 1_000;
/** How much of the log's end, at most, stands in no file when somebody cuts it off. */
const HEAD_MS = 5_000;
/** After an anchor that could not be sent (an empty treasury). */
const ANCHOR_RETRY_MS = 60_000;

type CheckpointDeps = Pick<Deps, 'db' | 'clock' | 'ids' | 'secrets' | 'config' | 'log' | 'metrics' | 'chain' | 'wake'>;

/** `key` null: nothing is signed. */
export function checkpointAuditJob(deps: CheckpointDeps, key: AuditKey | null): Job {
  let witness: store.NewestLink | undefined;
  let headSeq = 0n;
  let headAtMs = -HEAD_MS;
  let anchorAtMs = -ANCHOR_RETRY_MS;
  return {
    name: 'checkpoint-audit',
    intervalMs: INTERVAL_MS,
    async run() {
      const newest = await store.newestLink(deps.db);
      if (key === null || newest === undefined) return 'idle';
      if (witness !== undefined && (await store.hashAt(deps.db, witness.seq)) !== witness.hash) {
        await alarmOfCut(deps, witness);
        return 'idle';
      }
      witness = newest;
      const nowMs = deps.clock.monotonicMs();
      const lines: string[] = [];
      const made = await makeCheckpoint(deps, key, newest);
      if (made !== null) lines.push(checkpointLine(made));
      else if (newest.seq !== headSeq && nowMs - headAtMs >= HEAD_MS) lines.push(headLine(signHead(deps, key, newest)));
      if (lines.length > 0) {
        headSeq = newest.seq;
        headAtMs = nowMs;
        if (deps.config.audit.anchorPath !== null) await appendAnchors(deps.config.audit.anchorPath, lines);
      }
      if (deps.config.audit.isOnChain && (made !== null || nowMs - anchorAtMs >= ANCHOR_RETRY_MS)) {
        anchorAtMs = nowMs;
        await anchorNewest(deps);
      }
      return 'idle';
    },
  };
}

function signHead(deps: Pick<Deps, 'clock'>, key: AuditKey, newest: store.NewestLink): Signed<Head> {
  const head = {
    seq: newest.seq,
    linkHash: newest.hash,
    atMicros: BigInt(deps.clock.nowMs()) * 1000n,
    publicKey: key.publicKey,
  };
  return { ...head, signature: key.sign(headText(head)) };
}

/** Signs a checkpoint where one is due; null where none is, or another process was faster. */
async function makeCheckpoint(
  deps: CheckpointDeps,
  key: AuditKey,
  newest: store.NewestLink,
): Promise<Signed<Checkpoint> | null> {
  const { checkpointRows, checkpointMinutes } = deps.config.audit;
  const last = await store.newestCheckpoint(deps.db);
  const atMicros = BigInt(deps.clock.nowMs()) * 1000n;
  if (last !== undefined) {
    const rows = newest.seq - last.seq;
    const isOld = atMicros - last.atMicros >= BigInt(checkpointMinutes) * 60_000_000n;
    if (rows <= 0n || (rows < BigInt(checkpointRows) && !isOld)) return null;
  }
  const checkpoint = {
    number: (last?.number ?? 0n) + 1n,
    seq: newest.seq,
    linkHash: newest.hash,
    atMicros,
    previous: last === undefined ? NO_CHECKPOINT : checkpointHash(last),
    publicKey: key.publicKey,
  };
  const signed = { ...checkpoint, signature: key.sign(checkpointText(checkpoint)) };
  return await inTrx(deps, async (trx) => {
    if (!(await store.insertCheckpoint(trx, signed))) return null;
    if (last?.publicKey !== key.publicKey)
      await audit(deps, trx, {
        actor: 'job:checkpoint-audit',
        act: 'key.audit',
        subject: null,
        facts: { key: key.publicKey },
      });
    await failpoint('F15-in-checkpoint');
    return signed;
  });
}

/** Sends the newest checkpoint's anchor, which covers all before it. What cannot be sent now is tried again. */
async function anchorNewest(deps: CheckpointDeps): Promise<void> {
  const newest = await store.newestCheckpoint(deps.db);
  if (newest === undefined) return;
  const anchor = { anchorId: anchorIdOf(newest), checkpoint: newest.number, text: anchorText(newest) };
  try {
    if (await inTrx(deps, (trx) => sendAnchor(deps, trx, anchor))) deps.wake('submit');
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    deps.log.warn('A checkpoint of the audit log could not be anchored on the chain yet.', { error });
  }
}

async function alarmOfCut(deps: CheckpointDeps, witness: store.NewestLink): Promise<void> {
  await raiseAlarm(deps, deps.db, {
    kind: 'audit-broken',
    subject: 'links',
    detail: `Expected link ${witness.seq} of the audit log with the hash ${witness.hash}, which this process has seen; it is gone or has another one. Nothing more is signed. Keep a copy of the database as it is, and run: jigeum audit verify`,
  });
}
