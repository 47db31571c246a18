/** Writes transfers with all that belongs to them, in the transaction that decided on them: what members pay, and what charges pay out. */
import type { Signer } from '@jigeum/chain';
import { bytesToHex } from '@jigeum/std';
import { AppError, auditAll, recordEvents, type AuditEntry, type LiveEvent, type Trx } from '#platform';
import { grantShortfalls } from './grant-gas.ts';
import { signAll, storeSigned, type OutboxDeps, type OutboxEntry } from './outbox.ts';
import * as ledger from './store/ledger.ts';
import * as transferRows from './store/transfers.ts';
import type { LockedWallet } from './store/wallets.ts';

export interface TransferToRecord {
  transferId: string;
  kind: 'payment' | 'charge';
  /** Locked; no two of one call are the same. */
  wallet: LockedWallet;
  signer: Signer;
  payee: { walletId: string; memberId: string; address: string };
  token: { id: string; contract: string };
  amount: bigint;
  memo: string;
  chargeId: string | null;
  /** The id of the request that asked for it; empty where none did. */
  request: string;
}

/**
 * Signs each, holds its amount and records it. Throws 'balance-too-low', or 'service-busy' where no gas can be granted: then
 * the transaction must roll back, with all of them. Poke 'submit' and hint the members that it returns after the commit.
 */
export async function recordTransfers(
  deps: OutboxDeps,
  trx: Trx,
  transfers: readonly TransferToRecord[],
): Promise<{ memberIds: string[] }> {
  if (transfers.length === 0) return { memberIds: [] };
  // First, because what is moved decides whether it may be signed.
  await transferRows.insertTransfers(
    trx,
    transfers.map(({ transferId, kind, wallet, payee, token, amount, memo, chargeId }) => ({
      ...{ id: transferId, kind, amount, memo, chargeId, tokenId: token.id },
      ...{ payerWalletId: wallet.id, payeeWalletId: payee.walletId },
    })),
    new Date(deps.clock.nowMs()),
  );
  const entries = transfers.map(outboxEntryOf);
  const waitsFor = await grantShortfalls(deps, trx, entries);
  const signed = await signAll(
    deps,
    trx,
    entries.map((entry, index) => ({ ...entry, waitsFor: waitsFor[index]! })),
  );
  await storeSigned(deps, trx, signed);
  // After the treasury, whose row a grant has locked: balances come last in the order of locks.
  const holds = transfers.map(({ wallet, token, amount }) => ({ walletId: wallet.id, tokenId: token.id, amount }));
  if (!(await ledger.holdAll(trx, holds))) throw new AppError('balance-too-low');
  await auditAll(
    deps,
    trx,
    transfers.map((transfer, index) => acceptedAct(transfer, signed[index]!.signed.hash)),
  );
  const events = transfers.flatMap(eventsOf);
  await recordEvents(deps, trx, events);
  return { memberIds: events.map(({ memberId }) => memberId) };
}

const outboxEntryOf = (transfer: TransferToRecord): OutboxEntry & { request: string } => ({
  wallet: transfer.wallet,
  signer: transfer.signer,
  intent: {
    kind: 'transfer',
    contract: transfer.token.contract,
    to: transfer.payee.address,
    amount: transfer.amount,
  },
  purpose: 'transfer',
  sourceId: transfer.transferId,
  request: transfer.request,
});

const acceptedAct = (transfer: TransferToRecord, hash: Uint8Array): AuditEntry => ({
  actor: transfer.wallet.member_id === null ? 'job:pay-charges' : `member:${transfer.wallet.member_id}`,
  act: 'payment.accepted',
  subject: transfer.transferId,
  facts: {
    kind: transfer.kind,
    payerWallet: transfer.wallet.id,
    payeeWallet: transfer.payee.walletId,
    token: transfer.token.id,
    amount: transfer.amount,
    hash: bytesToHex(hash),
  },
  request: transfer.request,
});

const eventsOf = ({ wallet, payee, transferId }: TransferToRecord): LiveEvent[] =>
  [wallet.member_id, payee.memberId]
    .filter((memberId) => memberId !== null)
    .flatMap((memberId) => [
      { memberId, kind: 'transfer', subjectId: transferId },
      { memberId, kind: 'balances', subjectId: memberId },
    ]);
