/** One request for a payment, as the route hands it to the use case. */
import { createHash } from 'node:crypto';
import type { Deps } from '../../../apps/server/src/deps.ts';
import { requestTransfer } from '../../../apps/server/src/transfers/request-transfer.ts';
import type { SimulatedMember } from '../platform.ts';

/** Status and body of the answer. */
export async function requestPayment(
  deps: Deps,
  input: {
    key: string;
    payer: SimulatedMember;
    /** The handle that names the payee in the payer's requests, and the name that the payer was shown. */
    payeeId: string;
    maskedName: string;
    amount: bigint;
    pin: Uint8Array;
    symbol: string;
  },
): Promise<string> {
  const { key, payer, payeeId, maskedName, amount, symbol } = input;
  const order = { payeeId, maskedName, token: symbol, amount, memo: '' };
  const bodyHash = createHash('sha256').update(`${order.payeeId} ${amount}`).digest();
  const answer = await requestTransfer(deps, {
    member: payer.session,
    idempotency: { route: 'requestTransfer', actor: `member:${payer.id}`, key, bodyHash },
    order,
    // The use case clears it.
    pin: Uint8Array.from(input.pin),
  });
  return `${answer.status} ${answer.text}`;
}
