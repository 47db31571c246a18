/** Follows the chain: asks what became of everything under way, has what ended posted, and tells `submit` of what was lost. */
import { ChainUnreachable, type TransactionOutcome } from '@jigeum/chain';
import { assert } from '@jigeum/std';
import { safeNumber, type Job } from '#platform';
import type { Deps } from '#deps';
import { postEnds, type ConfirmHooks, type PostDeps, type ProvenEnd } from './post-ends.ts';
import * as outboxRows from './store/outbox.ts';

/** Rows of one run: what is beyond waits for the next block. */
const ROWS_MAX = 10_000;
/** Rows of one question: with their cancels they fit into a few requests. */
const PART = 200;
/** Two hashes each and three calls for a hash fit into one request. */
const PROOF_PART = 33;
const PARTS_AT_ONCE = 4;
const INTERVAL_MS = 200;
/** A process that died while it posted gives its row back; a chain that makes no empty blocks brings no new head for it. */
const RECHECK_MS = 2_000;
/** While nothing is under way the head is only asked for to tell how fresh the ledger is. */
const IDLE_HEAD_MS = 2_000;
/**
 * That another transaction used a nonce is believed when it was proven twice with so much between: a node whose index of
 * transactions lags behind its state would say the same for a moment.
 */
const PROOF_APART_MS = 3_000;

type ConfirmDeps = PostDeps & Pick<Deps, 'chain'>;
type Row = outboxRows.InFlightRow;

/** Any number of processes may run it: the row's lock and its state decide who posts. */
export function confirmJob(deps: ConfirmDeps, hooks: ConfirmHooks): Job {
  let headDone = -1;
  let doneAtMs = 0;
  let headAskedAtMs = -IDLE_HEAD_MS;
  /** A node that was away may have lost everything, also what nobody knows whether it had. */
  let wasAway = false;
  const prover = proverOf(deps);
  return {
    name: 'confirm',
    intervalMs: INTERVAL_MS,
    async run(signal) {
      const isBusy = await outboxRows.hasInFlight(deps.db, deps.chain.chainId);
      const nowMs = deps.clock.monotonicMs();
      if (!isBusy && nowMs - headAskedAtMs < IDLE_HEAD_MS) return 'idle';
      headAskedAtMs = nowMs;
      const head = await deps.chain.head().catch((error: unknown) => {
        wasAway = true;
        throw error;
      });
      // Outcomes only change with a block.
      if (head.number === headDone && nowMs - doneAtMs < RECHECK_MS && !wasAway) return 'idle';
      const { isComplete, isAnswered, ends } = await askAll(deps, prover, wasAway);
      if (isAnswered) wasAway = false;
      const isPosted = await postEnds(deps, hooks, { ends, signal });
      if (!isComplete || !isPosted) return 'idle';
      headDone = head.number;
      doneAtMs = nowMs;
      await outboxRows.saveProgress(deps.db, {
        chainId: deps.chain.chainId,
        block: head.number,
        at: new Date(deps.clock.nowMs()),
      });
      return 'idle';
    },
  };
}

/** What ended of all that is under way. `isAnswered`: the node has answered for every row; `isComplete`: and these are all. */
async function askAll(
  deps: ConfirmDeps,
  prover: Prover,
  wasAway: boolean,
): Promise<{ isComplete: boolean; isAnswered: boolean; ends: ProvenEnd[] }> {
  const rows = await outboxRows.inFlight(deps.db, { chainId: deps.chain.chainId, limit: ROWS_MAX });
  const { answers: looked, unanswered, error } = await askInParts(rows, PART, (part) => lookAt(deps, part));
  if (rows.length > 0 && looked.length === 0) throw error;

  const ends = looked.flatMap(endOf);
  const open = looked.filter((each) => endOf(each).length === 0);
  const isKnown = (each: Looked) => each.outcome.kind === 'pending' || each.cancel?.kind === 'pending';
  await outboxRows.markKnown(
    deps.db,
    open.filter((each) => isKnown(each) && (each.row.is_unknown || each.row.state === 'signed')).map(idOf),
  );
  // The node has lost these (its pool, or a restart): the same bytes are due at once.
  const lost = open.filter((each) => !isKnown(each) && (wasAway || each.row.state === 'broadcast')).map(idOf);
  if (lost.length > 0) {
    await outboxRows.makeDue(deps.db, lost, new Date(deps.clock.nowMs()));
    deps.wake('submit');
  }
  const doubtful = open.filter((each) => !isKnown(each) && each.row.is_unknown).map(({ row }) => row);
  const proven = await prover(doubtful);
  const left = [...unanswered, ...proven.unanswered];
  if (left.length > 0)
    deps.log.warn('The node has not answered for all payments under way; the others go on.', {
      outboxId: left[0]!.id,
      count: left.length,
    });
  const isAnswered = left.length === 0;
  return { isComplete: isAnswered && rows.length < ROWS_MAX, isAnswered, ends: [...ends, ...proven.ends] };
}

async function lookAt(deps: ConfirmDeps, rows: readonly Row[]): Promise<Looked[]> {
  const cancels = rows.filter((row) => row.cancel_hash !== null);
  const hashes = [...rows.map((row) => row.hash), ...cancels.map((row) => row.cancel_hash!)];
  const outcomes = await deps.chain.outcomes(hashes);
  assert(outcomes.length === hashes.length, 'one outcome for each hash');
  const ofCancel = new Map(cancels.map((row, index) => [row.id, outcomes[rows.length + index]!]));
  return rows.map((row, index) => ({ row, outcome: outcomes[index]!, cancel: ofCancel.get(row.id) }));
}

interface Looked {
  row: Row;
  outcome: TransactionOutcome;
  /** Of its recorded cancel. */
  cancel: TransactionOutcome | undefined;
}

const idOf = ({ row }: Looked): string => row.id;

/** The end that a block proves, if there is one. At most one of the two hashes is ever in a block: they share a nonce. */
function endOf({ row, outcome, cancel }: Looked): ProvenEnd[] {
  if (outcome.kind === 'final') return [{ outboxId: row.id, kind: 'mined', block: outcome }];
  if (cancel?.kind === 'final') return [{ outboxId: row.id, kind: 'superseded', by: 'cancel', block: cancel }];
  return [];
}

/** The ends of rows that neither block nor pool knows, where another transaction is proven to have used the nonce. */
type Prover = (rows: readonly Row[]) => Promise<{ ends: ProvenEnd[]; unanswered: readonly Row[] }>;

function proverOf(deps: Pick<Deps, 'chain' | 'clock'>): Prover {
  /** When a row was first proven absent, by its id. Lost at a restart: then it is proven twice anew. */
  let firstAtMs = new Map<string, number>();
  return async (rows) => {
    const { answers, unanswered } = await askInParts(rows, PROOF_PART, (part) => prove(deps, part));
    const nowMs = deps.clock.monotonicMs();
    const proven = answers.filter(({ isProven }) => isProven);
    const kept = unanswered.filter(({ id }) => firstAtMs.has(id)).map(({ id }) => [id, firstAtMs.get(id)!] as const);
    firstAtMs = new Map([...kept, ...proven.map(({ row }) => [row.id, firstAtMs.get(row.id) ?? nowMs] as const)]);
    const ends = proven
      .filter(({ row }) => nowMs - firstAtMs.get(row.id)! >= PROOF_APART_MS)
      .map(({ row, finalNonce }): ProvenEnd => ({ outboxId: row.id, kind: 'superseded', by: 'foreign', finalNonce }));
    return { ends, unanswered };
  };
}

/** A cancelled row is absent where both of its hashes are. */
async function prove(
  deps: Pick<Deps, 'chain'>,
  rows: readonly Row[],
): Promise<{ row: Row; isProven: boolean; finalNonce: number }[]> {
  const asked = rows.flatMap((row) => [row.hash, row.cancel_hash ?? row.hash].map((hash) => ({ row, hash })));
  const proofs = await deps.chain.provenAbsent(
    asked.map(({ row, hash }) => ({ from: row.address, nonce: safeNumber(row.nonce), hash })),
  );
  return rows.map((row, index) => {
    const [own, cancel] = [proofs[2 * index]!, proofs[2 * index + 1]!];
    return { row, isProven: own.isProven && cancel.isProven, finalNonce: own.finalNonce };
  });
}

/**
 * Asks in parts, some at once, so that an answer that is lost costs one part: of many that all had to arrive, on a bad line none
 * ever would. A node that answers no part of a group is left alone until the next run. `error`: why the last one that was not
 * answered was not.
 */
async function askInParts<Answer>(
  rows: readonly Row[],
  size: number,
  ask: (part: readonly Row[]) => Promise<readonly Answer[]>,
): Promise<{ answers: Answer[]; unanswered: readonly Row[]; error: unknown }> {
  const parts = Array.from({ length: Math.ceil(rows.length / size) }, (_, index) =>
    rows.slice(index * size, (index + 1) * size),
  );
  const answers: Answer[] = [];
  const unanswered: Row[] = [];
  let error: unknown;
  for (let start = 0; start < parts.length; start += PARTS_AT_ONCE) {
    const group = parts.slice(start, start + PARTS_AT_ONCE);
    const settled = await Promise.allSettled(group.map(ask));
    const refused = settled.flatMap((each, index) =>
      each.status === 'rejected' ? [{ part: group[index]!, reason: each.reason as unknown }] : [],
    );
    const [strange] = refused.filter(({ reason }) => !(reason instanceof ChainUnreachable));
    if (strange !== undefined) throw strange.reason;
    for (const each of settled) if (each.status === 'fulfilled') answers.push(...each.value);
    unanswered.push(...refused.flatMap(({ part }) => part));
    error = refused.at(-1)?.reason ?? error;
    if (refused.length < group.length) continue;
    unanswered.push(...parts.slice(start + PARTS_AT_ONCE).flat());
    break;
  }
  return { answers, unanswered, error };
}
