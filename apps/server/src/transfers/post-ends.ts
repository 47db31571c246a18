/**
 * Posts what has ended, many at a time. One transaction holds the ends of up to two hundred rows with everything that follows
 * from them: ledger, gas accounts, whatever waited for them, events (INV-02, INV-06, INV-25). Its locks are taken in the one
 * order: outbox rows, wallets by id, the treasury, balances by wallet and token; the most wanted come last and are held for
 * the shortest time.
 */
import type { TransactionOutcome } from '@jigeum/chain';
import { assert } from '@jigeum/std';
import { sql } from 'kysely';
import type { Deps } from '#deps';
import {
  auditAll,
  failpoint,
  inTrx,
  raiseAlarm,
  recordEvents,
  recordWebhooks,
  type AuditEntry,
  type LiveEvent,
  type Trx,
  type WebhookEvent,
} from '#platform';
import { isEnd, transition, type EndState } from './transfer.ts';
import * as grantRows from './store/grants.ts';
import * as ledger from './store/ledger.ts';
import * as outboxRows from './store/outbox.ts';
import * as payeeRows from './store/payees.ts';
import * as operationRows from './store/token-operations.ts';
import * as transferRows from './store/transfers.ts';
import * as walletRows from './store/wallets.ts';

type FinalOutcome = Extract<TransactionOutcome, { kind: 'final' }>;

/** A row's end, and what proves it: its own block, its cancel's, or that the chain counts another transaction of its nonce. */
export type ProvenEnd = { outboxId: string } & (
  | { kind: 'mined'; block: FinalOutcome }
  | { kind: 'superseded'; by: 'cancel'; block: FinalOutcome }
  | { kind: 'superseded'; by: 'foreign'; finalNonce: number }
);

/** What other modules do in the transaction that posts the ends of transfers of theirs. */
export interface ConfirmHooks {
  /** The charges' transfers are final: their tokens have arrived. Returns what to tell their members. */
  chargesAreDone(trx: Trx, chargeIds: readonly string[], at: Date): Promise<LiveEvent[]>;
}

export type PostDeps = Pick<Deps, 'db' | 'clock' | 'ids' | 'secrets' | 'log' | 'metrics' | 'wake' | 'hint'>;

/** Rows of one transaction: some 50 ms of PostgreSQL, for which payers among them wait at most. */
const CHUNK = 200;

/**
 * Posts all of them. Those of a chunk that fails are posted one by one, so that one that cannot be posted keeps no other
 * waiting; then it throws at the end. False where it was told to stop. Does nothing for what another process has posted.
 */
export async function postEnds(
  deps: PostDeps,
  hooks: ConfirmHooks,
  { ends, signal }: { ends: readonly ProvenEnd[]; signal: AbortSignal },
): Promise<boolean> {
  const broken: { outboxId: string; error: unknown }[] = [];
  for (let start = 0; start < ends.length; start += CHUNK) {
    if (signal.aborted) return false;
    const chunk = ends.slice(start, start + CHUNK);
    try {
      await postChunk(deps, hooks, chunk);
    } catch (error) {
      // Throws where the database is away: then nothing is wrong with the rows.
      await sql`select 1`.execute(deps.db);
      deps.log.warn('Ends that could not be posted together are posted one by one.', { error });
      for (const end of chunk) {
        await postChunk(deps, hooks, [end]).catch((cause: unknown) =>
          broken.push({ outboxId: end.outboxId, error: cause }),
        );
      }
    }
  }
  const [first] = broken;
  if (first !== undefined) {
    throw new Error(
      `Expected to post what the chain says, got an error for ${broken.length} outbox rows, the first of them ${first.outboxId}.`,
      { cause: first.error },
    );
  }
  return true;
}

/** One transaction, and what is told after its commit. */
async function postChunk(deps: PostDeps, hooks: ConfirmHooks, ends: readonly ProvenEnd[]): Promise<void> {
  await failpoint('F11-end-seen-before-post');
  const posted = await inTrx(deps, async (trx) => {
    const done = await postInTrx(deps, hooks, { trx, ends });
    await failpoint('F12-before-post-commit');
    return done;
  });
  await failpoint('F12-after-post-commit');
  const counter = deps.metrics.counter('outcomes_total', 'Ends of transactions that were posted.', [
    'purpose',
    'result',
  ]);
  for (const { row, state } of posted.ended) counter.inc({ purpose: row.purpose, result: state });
  deps.hint(posted.events.map((event) => event.memberId));
  if (posted.isReleased) deps.wake('submit');
  if (posted.ended.length > 0) deps.wake('refill-gas');
  if (posted.isTold) deps.wake('deliver-webhooks');
  for (const job of posted.wakes) deps.wake(job);
}

interface Ended {
  row: outboxRows.OutboxRow;
  end: ProvenEnd;
  state: EndState;
}

interface Posted {
  ended: Ended[];
  events: LiveEvent[];
  /** Rows that waited for gas may be sent now. */
  isReleased: boolean;
  /** Webhooks tell of them. */
  isTold: boolean;
  wakes: 'pay-charges'[];
}

/** What the ends of one transaction do to others' rows, gathered first and written in the order of the locks. */
interface Consequences {
  wallets: Map<string, walletRows.WalletChange>;
  balances: Map<string, ledger.BalanceChange>;
  journal: ledger.JournalEntry[];
  events: LiveEvent[];
  webhooks: WebhookEvent[];
  wakes: 'pay-charges'[];
}

async function postInTrx(
  deps: PostDeps,
  hooks: ConfirmHooks,
  { trx, ends }: { trx: Trx; ends: readonly ProvenEnd[] },
): Promise<Posted> {
  const byId = new Map(ends.map((end) => [end.outboxId, end]));
  const rows = await outboxRows.lockOutbox(trx, [...byId.keys()]);
  const ended = rows.map((row) => endedOf(row, byId.get(row.id)!));
  if (ended.length === 0) return { ended, events: [], isReleased: false, isTold: false, wakes: [] };
  const at = new Date(deps.clock.nowMs());
  const of = (purpose: outboxRows.OutboxPurpose) => ended.filter(({ row }) => row.purpose === purpose);
  const grants = of('gas_grant');
  const all: Consequences = {
    ...{ wallets: new Map(), balances: new Map(), journal: [] },
    ...{ events: [], webhooks: [], wakes: [] },
  };

  await outboxRows.endOutbox(
    trx,
    ended.map(({ row, end, state }) => ({ id: row.id, state, block: 'block' in end ? end.block : null })),
    at,
  );
  const isReleased = await outboxRows.release(
    trx,
    grants.map(({ row }) => row.id),
    at,
  );
  for (const each of ended) changeWallet(all, each.row.wallet_id, gasAfter(each));
  await endTransfers(deps, hooks, { trx, at, all, ended: of('transfer') });
  await endGrants(deps, { trx, at, all, ended: grants });
  for (const each of of('token_operation')) await endTokenOperation(deps, { trx, at, all, ended: each });

  await ledger.insertJournal(trx, all.journal);
  await auditAll(deps, trx, ended.map(auditEntryOf));
  await recordEvents(deps, trx, all.events);
  await recordWebhooks(trx, { events: all.webhooks, at });
  await walletRows.changeWallets(
    trx,
    [...all.wallets.values()].filter((change) => change.gas !== 0n || change.foreignNonce !== null),
  );
  await ledger.changeBalances(trx, [...all.balances.values()]);
  for (const { row, end } of ended) {
    if (end.kind !== 'superseded' || end.by !== 'foreign') continue;
    await raiseAlarm(deps, trx, {
      kind: 'foreign-nonce',
      subject: row.wallet_id,
      detail: `Expected only this platform to sign for wallet ${row.wallet_id}, got a transaction of somebody else on the chain with the nonce of outbox row ${row.id}; what that row was to move has not moved and is available again. Find out who has the key. Freeze the wallet until you know.`,
    });
  }
  return { ended, events: all.events, isReleased, isTold: all.webhooks.length > 0, wakes: all.wakes };
}

function endedOf(row: outboxRows.OutboxRow, end: ProvenEnd): Ended {
  const view = { state: row.state, isUnknown: row.is_unknown };
  const next =
    end.kind === 'mined'
      ? transition(view, { kind: 'looked-up', outcome: end.block })
      : transition(view, { kind: 'superseded' });
  assert(isEnd(next.state), 'a proven end ends a row');
  return { row, end, state: next.state };
}

const AUDIT_NOUN = { transfer: 'payment', gas_grant: 'gas', token_operation: 'token', anchor: 'anchor' } as const;

/** What the audit log says of an end. A nonce that somebody else has used leaves no block of ours to name. */
function auditEntryOf({ row, end, state }: Ended): AuditEntry {
  const noun = AUDIT_NOUN[row.purpose];
  const block = 'block' in end ? end.block.blockNumber : null;
  const facts = { before: 'accepted', after: state, block, hash: row.hash.toString('hex') };
  const whole = { actor: 'job:confirm', subject: row.source_id } as const;
  if (state === 'final') return { ...whole, act: `${noun}.final`, facts };
  const code = end.kind === 'mined' ? end.block.errorCode : `superseded by ${end.by}`;
  return { ...whole, act: `${noun}.returned`, facts: { ...facts, code } };
}

/** The sender's gas account gets back what was promised and not taken. */
function gasAfter({ row, end }: Ended): Omit<walletRows.WalletChange, 'walletId'> {
  // Whoever used the nonce has spent coin that nobody here knows of: nothing comes free before the chain was asked.
  if (end.kind === 'superseded' && end.by === 'foreign') return { gas: 0n, foreignNonce: end.finalNonce };
  const unused = row.fee_max - end.block.fee;
  assert(unused >= 0n, 'the chain takes at most the fee that was promised');
  return { gas: unused, foreignNonce: null };
}

async function endTransfers(
  deps: PostDeps,
  hooks: ConfirmHooks,
  { trx, at, all, ended }: { trx: Trx; at: Date; all: Consequences; ended: readonly Ended[] },
): Promise<void> {
  if (ended.length === 0) return;
  const bySource = new Map(ended.map((each) => [each.row.source_id, each]));
  const transfers = await transferRows.endTransfers(
    trx,
    ended.map(({ row, state }) => ({ id: row.source_id, state })),
    at,
  );
  for (const transfer of transfers) {
    const { payer_wallet_id: payer, payee_wallet_id: payee, token_id: tokenId, amount } = transfer;
    const { row, end } = bySource.get(transfer.id)!;
    const isPaid = transfer.state === 'final';
    changeBalance(all, { walletId: payer, tokenId }, { held: -amount, available: isPaid ? 0n : amount });
    if (isPaid) changeBalance(all, { walletId: payee, tokenId }, { available: amount });
    for (const memberId of [transfer.payer_member_id, transfer.payee_member_id]) {
      if (memberId === null) continue;
      all.events.push({ memberId, kind: 'transfer', subjectId: transfer.id });
      all.events.push({ memberId, kind: 'balances', subjectId: memberId });
    }
    if (transfer.told_token !== null) all.webhooks.push(webhookOf(transfer, transfer.told_token));
    if (!isPaid) {
      deps.log.warn('A transfer was not executed by the chain; its amount is available again.', {
        transferId: transfer.id,
        transactionHash: row.hash.toString('hex'),
        code: end.kind === 'mined' ? String(end.block.errorCode ?? '') : `superseded by ${end.by}`,
      });
      continue;
    }
    assert(end.kind === 'mined', 'what is final is in a block');
    const source = { sourceKind: 'transfer', sourceId: transfer.id, block: end.block.blockNumber } as const;
    all.journal.push(entryOf(deps, { ...source, at, tokenId, fromWalletId: payer, toWalletId: payee, amount }));
  }
  const paid = transfers.filter(({ state }) => state === 'final');
  await payeeRows.markPaid(
    trx,
    paid.filter(({ kind }) => kind === 'payment'),
    at,
  );
  const chargeIds = paid.flatMap(({ charge_id: chargeId }) => chargeId ?? []);
  if (chargeIds.length > 0) all.events.push(...(await hooks.chargesAreDone(trx, chargeIds, at)));
}

/** A transfer has one event: its end. */
function webhookOf(transfer: transferRows.EndedTransfer, token: string): WebhookEvent {
  const state = transfer.state === 'final' ? 'final' : 'returned';
  return {
    type: `${transfer.kind}.${state}`,
    data: {
      ...{ transferId: transfer.id, kind: transfer.kind, state, sequence: 1 },
      ...{ tokenId: transfer.token_id, token, amount: transfer.amount.toString() },
      ...{ payerWalletId: transfer.payer_wallet_id, payeeWalletId: transfer.payee_wallet_id },
    },
  };
}

async function endGrants(
  deps: PostDeps,
  { trx, at, all, ended }: { trx: Trx; at: Date; all: Consequences; ended: readonly Ended[] },
): Promise<void> {
  if (ended.length === 0) return;
  const bySource = new Map(ended.map((each) => [each.row.source_id, each]));
  const grants = await grantRows.endGrants(
    trx,
    ended.map(({ row, state }) => ({ id: row.source_id, state })),
    at,
  );
  for (const grant of grants) {
    const { row, end } = bySource.get(grant.id)!;
    const isForeign = end.kind === 'superseded' && end.by === 'foreign';
    // A shortfall is promised to the row that waits for it.
    if (grant.state === 'final' && grant.reason !== 'shortfall')
      changeWallet(all, grant.wallet_id, { gas: grant.amount, foreignNonce: null });
    if (grant.state === 'final') continue;
    if (!isForeign) changeWallet(all, row.wallet_id, { gas: grant.amount, foreignNonce: null });
    // What waited for it is sent all the same: its node says "funds too low", which asks for a refill.
    deps.log.error('A gas grant was not executed by the chain.', { walletId: grant.wallet_id });
  }
}

async function endTokenOperation(
  deps: PostDeps,
  { trx, at, all, ended }: { trx: Trx; at: Date; all: Consequences; ended: Ended },
): Promise<void> {
  const { row, end, state } = ended;
  const operation = await operationRows.endTokenOperation(trx, { id: row.source_id, state, at });
  const { kind, amount, token_id: tokenId } = operation;
  const balance = { walletId: row.wallet_id, tokenId };
  if (state !== 'final' || end.kind !== 'mined') {
    const code = end.kind === 'mined' ? String(end.block.errorCode ?? '') : `superseded by ${end.by}`;
    deps.log.error('A token operation was not executed by the chain.', { kind, code });
    if (kind === 'create') await operationRows.setTokenState(trx, { tokenId, state: 'failed' });
    if (kind === 'burn') changeBalance(all, balance, { available: amount, held: -amount });
    return;
  }
  if (kind === 'create') {
    assert(end.block.contract !== null, 'a creation that succeeded made a contract');
    await operationRows.activateToken(trx, { tokenId, contract: end.block.contract });
    all.wakes.push('pay-charges');
  }
  if (kind === 'pause') await operationRows.setTokenState(trx, { tokenId, state: 'paused' });
  if (kind === 'unpause') await operationRows.setTokenState(trx, { tokenId, state: 'active' });
  if (kind === 'create' || kind === 'mint') changeBalance(all, balance, { available: amount });
  if (kind === 'burn') changeBalance(all, balance, { held: -amount });
  if (kind === 'pause' || kind === 'unpause' || amount === 0n) return;
  const source = { sourceKind: 'token_operation', sourceId: operation.id, block: end.block.blockNumber } as const;
  all.journal.push(
    entryOf(deps, {
      ...source,
      ...{ at, tokenId, amount },
      fromWalletId: kind === 'burn' ? row.wallet_id : null,
      toWalletId: kind === 'burn' ? null : row.wallet_id,
    }),
  );
}

const entryOf = (deps: Pick<Deps, 'ids'>, entry: Omit<ledger.JournalEntry, 'entryId'>): ledger.JournalEntry => ({
  ...entry,
  entryId: deps.ids.uuid(entry.at.getTime()),
});

function changeWallet(
  { wallets }: Consequences,
  walletId: string,
  { gas, foreignNonce }: Omit<walletRows.WalletChange, 'walletId'>,
): void {
  const before = wallets.get(walletId) ?? { walletId, gas: 0n, foreignNonce: null };
  const nonces = [before.foreignNonce, foreignNonce].filter((nonce) => nonce !== null);
  wallets.set(walletId, {
    walletId,
    gas: before.gas + gas,
    foreignNonce: nonces.length === 0 ? null : Math.max(...nonces),
  });
}

function changeBalance(
  { balances }: Consequences,
  { walletId, tokenId }: { walletId: string; tokenId: string },
  change: Partial<Pick<ledger.BalanceChange, 'available' | 'held'>>,
): void {
  const key = `${walletId} ${tokenId}`;
  const before = balances.get(key) ?? { walletId, tokenId, available: 0n, held: 0n };
  balances.set(key, {
    ...before,
    available: before.available + (change.available ?? 0n),
    held: before.held + (change.held ?? 0n),
  });
}
