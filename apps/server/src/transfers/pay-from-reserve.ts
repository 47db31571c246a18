/** Tokens out of the reserve to a member, for a deposit that the bank has confirmed. */
import { AppError, requestId, type Trx } from '#platform';
import { platformSigner } from '#wallets';
import { movableTokenById } from '#tokens';
import type { OutboxDeps } from './outbox.ts';
import { recordTransfers } from './record-transfers.ts';
import * as payeeRows from './store/payees.ts';
import * as walletRows from './store/wallets.ts';

/**
 * Records and signs the transfer of a charge inside the caller's transaction: one live transfer for each charge, which the
 * database holds too. Throws 'token-paused', 'balance-too-low' or 'service-busy' where it cannot be done now; after the commit
 * poke 'submit' and hint the member.
 */
export async function payFromReserve(
  deps: OutboxDeps,
  trx: Trx,
  input: { chargeId: string; walletId: string; tokenId: string; amount: bigint },
): Promise<{ transferId: string }> {
  const token = await movableTokenById(trx, input.tokenId);
  const payee = await payeeRows.walletAddress(trx, input.walletId);
  if (payee.address === null || payee.member_id === null)
    throw new AppError('wallet-not-ready', { retryAfterSeconds: 5 });
  const { walletId, signer } = platformSigner(deps, 'reserve');
  const wallet = await walletRows.lockWallet(trx, walletId);
  const transferId = deps.ids.uuid(deps.clock.nowMs());
  const transfer = {
    transferId,
    kind: 'charge',
    wallet,
    signer,
    payee: { walletId: input.walletId, memberId: payee.member_id, address: payee.address },
    token,
    amount: input.amount,
    memo: '',
    chargeId: input.chargeId,
    request: requestId(),
  } as const;
  await recordTransfers(deps, trx, [transfer]);
  return { transferId };
}
