/**
 * The verification of an audit log: rows, links, checkpoints and anchors. With the server key it finds every change of a row
 * or link; without it everything that a checkpoint or an anchor covers. What it cannot tell stands in
 * docs/operating/audit-log.md.
 */
import { sql } from 'kysely';
import { rowMac, type Db, type Secrets, type Trx } from '#platform';
import {
  anchorIdOf,
  checkpointHash,
  isTrustedCheckpoint,
  isTrustedHead,
  NO_CHECKPOINT,
  type Checkpoint,
  type Head,
  type Signed,
} from './checkpoint.ts';
import { Findings, type Finding } from './findings.ts';
import * as store from './store.ts';
import { verifyChain } from './verify-chain.ts';

export interface VerifyInput {
  /** Null: whoever checks has no server key, and HMACs are not looked at. */
  secrets: Secrets | null;
  /** Public keys that are believed, hex. They come from elsewhere than the database. */
  trusted: ReadonlySet<string>;
  /** What was kept outside of the database: heads and checkpoints of files, checkpoints of the chain. */
  anchors: { heads: readonly Signed<Head>[]; checkpoints: readonly Signed<Checkpoint>[] };
  /** Begins after this link. */
  afterSeq: bigint;
  /** A row that was written later than this may not be chained yet. */
  unlinkedSince: Date;
}

export interface Verdict {
  links: bigint;
  /** Rows that are too young to be chained. */
  waiting: bigint;
  checkpoints: number;
  anchors: number;
  /** Sorted by their place in the log; at most twenty. */
  findings: Finding[];
  findingCount: number;
}

/** Verifies in `trx`, which has to see one state of the database (REPEATABLE READ). Reads only. */
export async function verifyAudit(trx: Trx, input: VerifyInput): Promise<Verdict> {
  const findings = new Findings();
  const checkpoints = await store.allCheckpoints(trx);
  checkCheckpoints(checkpoints, input, findings);
  const claims = claimsOf(checkpoints, input, findings);
  const after = await startOf(trx, input.afterSeq, findings);
  const { links, last } = await verifyChain(trx, {
    secrets: input.secrets,
    after,
    findings,
    onLink: (seq, hash) => checkClaims(claims, { seq, hash }, findings),
  });
  checkEnd(claims, { lastSeq: last?.seq ?? 0n, afterSeq: input.afterSeq }, findings);
  const waiting = await checkUnlinked(trx, input, findings);
  const { heads, checkpoints: anchored } = input.anchors;
  return {
    links,
    waiting,
    checkpoints: checkpoints.length,
    anchors: heads.length + anchored.length,
    findings: findings.sorted(),
    findingCount: findings.count,
  };
}

/** Each signed by a trusted key, numbered without gaps, and naming the one before. */
function checkCheckpoints(
  checkpoints: readonly Signed<Checkpoint>[],
  { trusted }: VerifyInput,
  findings: Findings,
): void {
  let previous: Checkpoint | undefined;
  for (const checkpoint of checkpoints) {
    const { number, seq } = checkpoint;
    const add = (problem: string): void =>
      findings.add({ where: 'checkpoint', seq, name: String(number), problem: `Checkpoint ${number}: ${problem}` });
    const expected = (previous?.number ?? 0n) + 1n;
    if (number !== expected) add(`expected number ${expected}: checkpoints are missing or there twice.`);
    if (!isTrustedCheckpoint(checkpoint, trusted)) add('no trusted key has signed it, or it was changed.');
    if (checkpoint.previous !== (previous === undefined ? NO_CHECKPOINT : checkpointHash(previous)))
      add('it does not follow from the one before.');
    if (previous !== undefined && seq <= previous.seq) add('it covers no more than the one before.');
    previous = checkpoint;
  }
}

/** What somebody has signed about a link: the hash that it must have. */
interface Claim {
  hash: string;
  where: 'checkpoint' | 'head' | 'anchor';
  name: string;
  isMet: boolean;
}

type Claims = Map<bigint, Claim[]>;

function claimsOf(checkpoints: readonly Signed<Checkpoint>[], input: VerifyInput, findings: Findings): Claims {
  const claims: Claims = new Map();
  const claim = (seq: bigint, hash: string, where: Claim['where'], name: string): void => {
    const list = claims.get(seq) ?? [];
    list.push({ hash, where, name, isMet: false });
    claims.set(seq, list);
  };
  for (const c of checkpoints) claim(c.seq, c.linkHash, 'checkpoint', String(c.number));
  const ids = new Set(checkpoints.map((checkpoint) => anchorIdOf(checkpoint)));
  for (const head of input.anchors.heads) {
    if (isTrustedHead(head, input.trusted)) claim(head.seq, head.linkHash, 'head', `of ${instant(head.atMicros)}`);
    else
      findings.add({
        where: 'head',
        seq: head.seq,
        name: String(head.seq),
        problem: `The head of link ${head.seq} in the file of anchors: no trusted key has signed it.`,
      });
  }
  for (const anchor of input.anchors.checkpoints) {
    const name = String(anchor.number);
    const add = (problem: string): void => findings.add({ where: 'anchor', seq: anchor.seq, name, problem });
    if (!isTrustedCheckpoint(anchor, input.trusted)) {
      add(`Anchor ${name}: no trusted key has signed it.`);
      continue;
    }
    claim(anchor.seq, anchor.linkHash, 'anchor', name);
    if (!ids.has(anchorIdOf(anchor)))
      add(
        `Checkpoint ${name} of ${instant(anchor.atMicros)} is anchored, and the log does not have it: it was cut off, or is an older one.`,
      );
  }
  return claims;
}

function checkClaims(claims: Claims, link: { seq: bigint; hash: string }, findings: Findings): void {
  for (const claim of claims.get(link.seq) ?? []) {
    claim.isMet = true;
    if (claim.hash === link.hash) continue;
    findings.add({
      where: claim.where,
      seq: link.seq,
      name: claim.name,
      problem: `The ${claim.where} ${claim.name} has signed another hash of link ${link.seq} than the log holds: the log was made anew.`,
    });
  }
}

/** Links that were signed for and are not there. */
function checkEnd(claims: Claims, log: { lastSeq: bigint; afterSeq: bigint }, findings: Findings): void {
  for (const [seq, list] of claims) {
    if (seq <= log.afterSeq) continue;
    for (const claim of list) {
      if (claim.isMet) continue;
      findings.add({
        where: claim.where,
        seq,
        name: claim.name,
        problem: `The ${claim.where} ${claim.name} has signed link ${seq}, and the log ends at link ${log.lastSeq}.`,
      });
    }
  }
}

async function startOf(trx: Trx, afterSeq: bigint, findings: Findings): Promise<{ seq: bigint; hash: string } | null> {
  if (afterSeq === 0n) return null;
  const hash = await store.hashAt(trx, afterSeq);
  if (hash !== undefined) return { seq: afterSeq, hash };
  findings.add({
    where: 'link',
    seq: afterSeq,
    name: String(afterSeq),
    problem: `Expected link ${afterSeq}, got none. Begin at another one.`,
  });
  return null;
}

/** Rows without a link: young ones wait to be chained; an older one was left out or put in. */
async function checkUnlinked(trx: Trx, input: VerifyInput, findings: Findings): Promise<bigint> {
  const { secrets } = input;
  let waiting = 0n;
  for (const row of await store.rowsWithoutLink(trx)) {
    if (secrets !== null && Buffer.from(rowMac({ secrets }, row.text)).toString('hex') !== row.mac)
      findings.add({
        where: 'row',
        seq: null,
        name: row.id,
        problem: 'A row that is not chained was changed, or was not written by the platform: the HMAC does not fit.',
      });
    else if (row.at < input.unlinkedSince)
      findings.add({ where: 'row', seq: null, name: row.id, problem: `A row of ${row.at.toISOString()} has no link.` });
    else waiting++;
  }
  return waiting;
}

const instant = (micros: bigint): string => new Date(Number(micros / 1000n)).toISOString();

/** Runs `work` where it sees one state of the database and can write nothing. */
export const inOneState = <T>(db: Db, work: (trx: Trx) => Promise<T>): Promise<T> =>
  db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (trx) => {
      await sql`set transaction read only`.execute(trx);
      await sql`set local statement_timeout = 0`.execute(trx);
      return await work(trx);
    });
