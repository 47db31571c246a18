/**
 * Takes over transactions that our keys have signed, that are final on the chain, and that this database does not know: it
 * is older than the chain. Each is written as it was when it was accepted, with the chain's own bytes, and then ended like
 * every other; so its hash, its nonce and the one entry of its source keep it from being written twice.
 */
import type { ChainTransaction, TransactionOutcome } from '@jigeum/chain';
import { assert, hexToBytes } from '@jigeum/std';
import { inTrx, type Db, type Trx } from '#platform';
import type { Deps } from '#deps';
import { recordCorrection } from './correct-ledger.ts';
import { postEnds, type ConfirmHooks, type PostDeps, type ProvenEnd } from './post-ends.ts';
import { readRecovered, type KnownPlaces, type RecoveredAct } from './recovered.ts';
import * as ledger from './store/ledger.ts';
import * as recoveredRows from './store/recovered.ts';

export interface RecoverHooks extends ConfirmHooks {
  /** A paid charge of this wallet, token and amount whose tokens were not sent as far as this database knows; null where there is none. */
  claimCharge(
    trx: Trx,
    input: { walletId: string; tokenId: string; amount: bigint; before: Date; at: Date },
  ): Promise<string | null>;
}

type FinalOutcome = Extract<TransactionOutcome, { kind: 'final' }>;

export interface MinedTransaction {
  transaction: ChainTransaction;
  outcome: FinalOutcome;
  /** The time of its block. */
  at: Date;
}

/** `short`: the ledger has less than was sent, so that something before it is not known; correct that wallet, then come again. */
export type RecoverResult =
  | { kind: 'known' }
  | { kind: 'settled' }
  | { kind: 'recorded'; act: RecoveredAct }
  | { kind: 'short'; walletId: string; tokenId: string };

/** What recovery would do with a transaction of ours, without doing it. */
async function planRecovered(
  db: Db,
  transaction: ChainTransaction,
): Promise<{ kind: 'known' } | { kind: 'open' } | { kind: 'unknown'; act: RecoveredAct }> {
  const row = await recoveredRows.outboxByHash(db, hashOf(transaction));
  if (row !== undefined) return { kind: row.is_open ? 'open' : 'known' };
  return { kind: 'unknown', act: readRecovered(transaction, await placesOf(db, transaction)) };
}

/** Records and ends one transaction of ours. Repeating it changes nothing. */
async function recoverTransaction(
  deps: PostDeps & Pick<Deps, 'chain'>,
  hooks: RecoverHooks,
  mined: MinedTransaction,
): Promise<RecoverResult> {
  const { transaction, outcome } = mined;
  const known = await recoveredRows.outboxByHash(deps.db, hashOf(transaction));
  if (known !== undefined) {
    if (!known.is_open) return { kind: 'known' };
    await end(deps, hooks, endOfKnown(known, outcome));
    return { kind: 'settled' };
  }
  // Another set of bytes was signed here for its nonce and can never be mined: the chain has this one.
  const replaced = await recoveredRows.openAtNonce(deps.db, transaction.from, transaction.nonce);
  if (replaced !== undefined)
    await end(deps, hooks, {
      outboxId: replaced,
      kind: 'superseded',
      by: 'foreign',
      finalNonce: transaction.nonce + 1,
    });
  const result = await inTrx(deps, (trx) => record(deps, hooks, trx, mined));
  if (result.kind === 'short') return result;
  if (result.outboxId !== null) await end(deps, hooks, { outboxId: result.outboxId, kind: 'mined', block: outcome });
  return { kind: 'recorded', act: result.act };
}

const hashOf = (transaction: ChainTransaction): Uint8Array => hexToBytes(transaction.hash.slice(2));

const endOfKnown = (row: recoveredRows.OutboxByHash, block: FinalOutcome): ProvenEnd =>
  row.is_cancel
    ? { outboxId: row.id, kind: 'superseded', by: 'cancel', block }
    : { outboxId: row.id, kind: 'mined', block };

async function end(deps: PostDeps, hooks: ConfirmHooks, provenEnd: ProvenEnd): Promise<void> {
  // It waited for gas when the dump was taken; the chain says that it got it.
  await recoveredRows.letGo(deps.db, provenEnd.outboxId);
  await postEnds(deps, hooks, { ends: [provenEnd], signal: new AbortController().signal });
}

async function placesOf(db: Db, { from, to, call }: ChainTransaction): Promise<KnownPlaces> {
  const addresses = [from, to, call?.from, call?.to].filter((each): each is string => typeof each === 'string');
  return {
    wallets: await recoveredRows.walletsAt(db, addresses),
    tokens: await recoveredRows.tokensAt(db, call?.contract == null ? [] : [call.contract]),
  };
}

type Recorded =
  { kind: 'recorded'; act: RecoveredAct; outboxId: string | null } | Extract<RecoverResult, { kind: 'short' }>;

async function record(
  deps: Pick<Deps, 'clock' | 'ids'>,
  hooks: RecoverHooks,
  trx: Trx,
  mined: MinedTransaction,
): Promise<Recorded> {
  const { transaction, outcome } = mined;
  const places = await placesOf(trx, transaction);
  const sender = places.wallets.get(transaction.from);
  assert(sender !== undefined, 'only transactions of our wallets are recovered');
  await recoveredRows.moveNonce(trx, { walletId: sender.id, nonce: transaction.nonce });
  const act = readRecovered(transaction, places);
  const sourceId = deps.ids.uuid(mined.at.getTime());
  const source = await recordSource(deps, hooks, trx, { act, sourceId, walletId: sender.id, mined });
  if (source.kind === 'short') return source;
  const outboxId = deps.ids.uuid(mined.at.getTime());
  await recoveredRows.insertRecovered(trx, {
    id: outboxId,
    purpose: source.purpose,
    sourceId: source.purpose === 'recovered' ? outboxId : sourceId,
    walletId: sender.id,
    nonce: transaction.nonce,
    raw: hexToBytes((transaction.raw ?? '0x').slice(2)),
    hash: hashOf(transaction),
    outcome,
    at: mined.at,
    now: new Date(deps.clock.nowMs()),
  });
  return { kind: 'recorded', act, outboxId: source.purpose === 'recovered' ? null : outboxId };
}

type Source =
  | { kind: 'source'; purpose: 'transfer' | 'gas_grant' | 'token_operation' | 'recovered' }
  | Extract<RecoverResult, { kind: 'short' }>;

async function recordSource(
  deps: Pick<Deps, 'clock' | 'ids'>,
  hooks: RecoverHooks,
  trx: Trx,
  input: { act: RecoveredAct; sourceId: string; walletId: string; mined: MinedTransaction },
): Promise<Source> {
  const { act, sourceId: id, walletId, mined } = input;
  const { outcome, at } = mined;
  /** Ending it takes the amount out of what is held, so it is held first; what failed may never have been there. */
  const isHeld = async (tokenId: string, amount: bigint) => await ledger.holdAll(trx, [{ walletId, tokenId, amount }]);
  switch (act.kind) {
    case 'payment':
    case 'charge': {
      const { tokenId, amount, payeeWalletId } = act;
      if (!(await isHeld(tokenId, amount)))
        return outcome.isSuccess ? { kind: 'short', walletId, tokenId } : { kind: 'source', purpose: 'recovered' };
      const chargeId =
        act.kind === 'charge' && outcome.isSuccess
          ? await hooks.claimCharge(trx, {
              walletId: payeeWalletId,
              ...{ tokenId, amount, before: at, at: new Date(deps.clock.nowMs()) },
            })
          : null;
      await recoveredRows.insertTransfer(trx, {
        id,
        kind: act.kind,
        walletId,
        payeeWalletId,
        tokenId,
        amount,
        chargeId,
        at,
      });
      return { kind: 'source', purpose: 'transfer' };
    }
    case 'grant':
      await recoveredRows.insertGrant(trx, { id, walletId: act.walletId, amount: act.amount, at });
      return { kind: 'source', purpose: 'gas_grant' };
    case 'burn':
      if (!(await isHeld(act.tokenId, act.amount)))
        return outcome.isSuccess
          ? { kind: 'short', walletId, tokenId: act.tokenId }
          : { kind: 'source', purpose: 'recovered' };
      await recoveredRows.insertOperation(trx, { id, kind: 'burn', tokenId: act.tokenId, amount: act.amount, at });
      return { kind: 'source', purpose: 'token_operation' };
    case 'mint':
      await recoveredRows.insertOperation(trx, { id, kind: 'mint', tokenId: act.tokenId, amount: act.amount, at });
      return { kind: 'source', purpose: 'token_operation' };
    case 'pause':
    case 'unpause':
      await recoveredRows.insertOperation(trx, { id, kind: act.kind, tokenId: act.tokenId, amount: 0n, at });
      return { kind: 'source', purpose: 'token_operation' };
    case 'create': {
      const tokenId = await recoveredRows.insertToken(trx, { ...act, id: deps.ids.uuid(at.getTime()), at });
      // Its symbol is another token's: it stays a contract that the platform does not move.
      if (tokenId === null || !outcome.isSuccess) return { kind: 'source', purpose: 'recovered' };
      await recoveredRows.insertOperation(trx, { id, kind: 'create', tokenId, amount: act.amount, at });
      return { kind: 'source', purpose: 'token_operation' };
    }
    case 'other':
      return { kind: 'source', purpose: 'recovered' };
  }
}

/** Taking over what the chain tells: what would be done with a transaction, doing it, and correcting what none explains. */
export const recovery = { plan: planRecovered, apply: recoverTransaction, correct: recordCorrection };
