/** A member who tries to pay themselves, in every way that a client has: all of them must be refused. */
import { resolvePayee } from '../../../apps/server/src/transfers/payees.ts';
import type { SimulatedMember } from '../platform.ts';
import { PIN } from '../setup.ts';
import { expectRule } from '../violation.ts';
import type { Network } from './network.ts';
import { requestPayment } from './request-payment.ts';
import type { Reply } from './told.ts';

/** The first three look oneself up, the others give a handle that means oneself. */
export const SELF_WAYS = [
  'own member ID',
  'own phone number',
  'own receive code',
  'handle of somebody who knows the payer',
  'own UUID',
  'own wallet',
] as const;

export type SelfWay = (typeof SELF_WAYS)[number];

export interface SelfPayment {
  network: Network;
  way: SelfWay;
  payer: SimulatedMember;
  /** Somebody who has looked the payer up. */
  acquaintance: SimulatedMember;
  key: string;
  symbol: string;
}

/** Tries once, under a key that no other request has. Throws a `Violation` where it is not refused as it must be. */
export async function payOneself(payment: SelfPayment): Promise<void> {
  const { payer, acquaintance, way } = payment;
  switch (way) {
    case 'own member ID':
      return await lookUp(payment, { by: 'member-id', value: payer.name });
    case 'own phone number':
      return await lookUp(payment, { by: 'phone', value: payer.phone });
    case 'own receive code':
      return await lookUp(payment, { by: 'receive-code', value: payer.receiveCode });
    case 'handle of somebody who knows the payer':
      return await pay(payment, acquaintance.payeeIds.get(payer.id)!);
    case 'own UUID':
      return await pay(payment, payer.id);
    case 'own wallet':
      return await pay(payment, payer.walletId);
  }
}

async function lookUp(
  { network, payer, way }: SelfPayment,
  query: { by: 'member-id' | 'phone' | 'receive-code'; value: string },
): Promise<void> {
  const reply = await network.ask(`look up ${payer.name} by ${way}`, async (deps) =>
    JSON.stringify(await resolvePayee(deps, { memberId: payer.id, query })),
  );
  expectRefusal(way, reply, ['payee-is-payer']);
}

async function pay({ network, payer, key, symbol, way }: SelfPayment, payeeId: string): Promise<void> {
  const input = { key, payer, payeeId, maskedName: payer.maskedName, amount: 1n, pin: PIN, symbol };
  const reply = await network.ask(`pay ${payer.name} by ${way}`, (deps) => requestPayment(deps, input));
  expectRefusal(way, reply, ['payee-not-found', 'token-paused']);
}

function expectRefusal(way: SelfWay, reply: Reply, codes: readonly string[]): void {
  expectRule(
    reply.kind === 'refused' && codes.includes(reply.code),
    'INV-10',
    () => `a payment to oneself by ${way} must be refused with ${codes.join(' or ')}, got ${JSON.stringify(reply)}`,
  );
}
