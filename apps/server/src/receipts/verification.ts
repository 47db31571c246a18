/** What proves a final transfer to anybody: the one answer to a member that shows the chain's own names. */
import type { ReceiptVerificationView } from '@jigeum/api';
import { toHex0x } from '@jigeum/std';
import { sql } from 'kysely';
import type { Deps } from '#deps';
import { AppError, safeNumber } from '#platform';

interface VerificationRow {
  hash: Buffer;
  raw: Buffer;
  block_number: bigint;
  block_hash: string;
  fee: bigint;
  payer: string;
  payee: string;
  contract: string;
  amount: bigint;
}

/** For a final transfer that the member pays or receives. Throws 'not-found' for any other and while it is under way. */
export async function receiptVerification(
  deps: Pick<Deps, 'db' | 'chain'>,
  input: { transferId: string; memberId: string },
): Promise<ReceiptVerificationView> {
  const { rows } = await sql<VerificationRow>`
    select o.hash, o.raw, o.block_number, o.block_hash, o.fee, t.amount, k.contract,
           payer.address as payer, payee.address as payee
    from transfers t
    join chain_outbox o on o.purpose = 'transfer' and o.source_id = t.id and o.state = 'final'
    join wallets payer on payer.id = t.payer_wallet_id
    join wallets payee on payee.id = t.payee_wallet_id
    join tokens k on k.id = t.token_id
    where t.id = ${input.transferId} and t.state = 'final'
      and (payer.member_id = ${input.memberId} or payee.member_id = ${input.memberId})
  `.execute(deps.db);
  const row = rows[0];
  if (row === undefined) throw new AppError('not-found');
  const hash = toHex0x(row.hash);
  return {
    chainId: deps.chain.chainId,
    transactionHash: hash,
    blockNumber: safeNumber(row.block_number),
    blockHash: row.block_hash,
    from: row.payer,
    to: row.payee,
    contract: row.contract,
    amount: row.amount,
    feeHug: row.fee.toString(),
    rawTransaction: toHex0x(row.raw),
    scannerPath: `/scan/transactions/${hash}`,
  };
}
