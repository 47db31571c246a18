/** The receipt of a final transfer: made when payer or payee first asks for it, then the same bytes for ever (INV-14). */
import { hash } from 'node:crypto';
import type { ReceiptFileView } from '@jigeum/api';
import { ChainUnreachable } from '@jigeum/chain';
import { issueReceipt, MEMO_SALT_BYTES, type Issuer } from '@jigeum/receipt';
import { toHex0x } from '@jigeum/std';
import { readTransactionProof, type TransactionProof } from '@jigeum/symverse';
import { nativeCrypto } from '@jigeum/symverse/native';
import type { Deps } from '#deps';
import { AppError, audit, inTrx } from '#platform';
import * as rows from './store.ts';

type ReceiptDeps = Pick<Deps, 'db' | 'chain' | 'clock' | 'ids' | 'secrets'>;

/**
 * Throws 'not-found' for a transfer of others, 'receipt-not-ready' for one that is not final, and 'receipt-unavailable' where
 * there is no issuer or the node proves nothing at present. Two who ask at once get what was written first.
 */
export async function getReceipt(
  deps: ReceiptDeps,
  issuer: Issuer | null,
  input: { transferId: string; memberId: string },
): Promise<ReceiptFileView> {
  const found = await rows.receiptOf(deps.db, input);
  if (found === undefined) throw new AppError('not-found');
  if (found.file !== null) return viewOf(found);
  if (found.state !== 'final')
    throw new AppError('receipt-not-ready', { detail: `Expected a final transfer, got one that is ${found.state}.` });
  if (issuer === null)
    throw new AppError('receipt-unavailable', {
      detail: 'No RECEIPT_KEY_FILE is configured: receipts are not issued.',
    });
  await makeReceipt(deps, issuer, { ...input, found });
  return viewOf((await rows.receiptOf(deps.db, input))!);
}

/** Signs what the chain proves and keeps it, unless somebody was faster. */
async function makeReceipt(
  deps: ReceiptDeps,
  issuer: Issuer,
  { transferId, memberId, found }: { transferId: string; memberId: string; found: rows.ReceiptRow },
): Promise<void> {
  const transactionHash = toHex0x(found.hash!);
  const proof = await proofOf(deps, transactionHash);
  const memoSalt = deps.ids.bytes(MEMO_SALT_BYTES);
  const file = issueReceipt(
    {
      transferId,
      chainId: BigInt(deps.chain.chainId),
      amount: found.amount,
      token: { contract: found.contract!, decimals: found.decimals, symbol: found.symbol },
      payer: found.payer!,
      payee: found.payee!,
      transactionHash,
      memo: found.memo,
      memoSalt,
    },
    proof,
    issuer,
    nativeCrypto,
  );
  await inTrx(deps, async (trx) => {
    const isFirst = await rows.insertReceipt(trx, {
      transferId,
      issuerKeyId: issuer.keyId,
      sealer: { symId: proof.sealer, keyHash: toHex0x(proof.sealerKeyHash) },
      memoSalt,
      file,
      at: new Date(deps.clock.nowMs()),
    });
    if (!isFirst) return;
    await audit(deps, trx, {
      actor: `member:${memberId}`,
      act: 'receipt.issued',
      subject: transferId,
      facts: { hash: hash('sha256', file, 'hex') },
    });
  });
}

/** The proof comes from outside: whatever is wrong with it is found when the receipt is issued. */
async function proofOf(deps: Pick<Deps, 'chain'>, hash: string): Promise<TransactionProof> {
  try {
    const proof = await deps.chain.transactionProof(hash);
    if (proof !== null) return readTransactionProof(proof);
  } catch (cause) {
    if (!(cause instanceof ChainUnreachable)) throw cause;
    throw new AppError('receipt-unavailable', { retryAfterSeconds: 5, cause });
  }
  throw new AppError('receipt-unavailable', { cause: new Error(`Expected a proof of ${hash}, the node gives none.`) });
}

const viewOf = ({ file, memo, memo_salt }: rows.ReceiptRow): ReceiptFileView => ({
  file: file!,
  memo: { text: memo, salt: toHex0x(memo_salt!) },
});
