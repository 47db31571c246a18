/** A member's own transfers. */
import type { CallOutput, TransferView } from '@jigeum/api';
import type { Deps } from '#deps';
import { AppError, pageOf, placeOf } from '#platform';
import * as transferRows from './store/transfers.ts';
import { transferView } from './view.ts';

/** One transfer that the member pays or receives. Throws 'not-found' for any other, whether it exists or not. */
export async function getTransfer(
  deps: Pick<Deps, 'db' | 'clock'>,
  input: { memberId: string; transferId: string },
): Promise<TransferView> {
  const row = await transferRows.transferOf(deps.db, input);
  if (row === undefined) throw new AppError('not-found');
  return transferView(row, { memberId: input.memberId, nowMs: deps.clock.nowMs() });
}

/** Newest first. */
export async function listTransfers(
  deps: Pick<Deps, 'db' | 'clock'>,
  input: {
    memberId: string;
    direction: 'out' | 'in' | undefined;
    kind: 'payment' | 'charge' | undefined;
    cursor: string | undefined;
    limit: number;
  },
): Promise<CallOutput<'listTransfers'>> {
  const rows = await transferRows.transfersOf(deps.db, {
    memberId: input.memberId,
    direction: input.direction,
    kind: input.kind,
    after: placeOf(input.cursor),
    limit: input.limit + 1,
  });
  return pageOf(
    rows,
    input.limit,
    (row) => transferView(row, { memberId: input.memberId, nowMs: deps.clock.nowMs() }),
    (row) => [row.requested_at.toISOString(), row.id],
  );
}
