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
    payee: SimulatedMember;
    amount: bigint;
    pin: Uint8Array;
    symbol: string;
  },
): Promise<string> {
  const { key, payer, payee, amount, symbol } = input;
  const order = {
    payeeId: payer.payeeIds.get(payee.id)!,
    maskedName: payee.maskedName,
    token: symbol,
    amount,
    memo: '',
  };
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
