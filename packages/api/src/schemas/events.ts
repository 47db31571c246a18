import { z } from 'zod';
import { balancesSchema } from './wallets.ts';
import { chargeSchema } from './charges.ts';
import { meSchema } from './members.ts';
import { transferSchema } from './transfers.ts';

/** One live event (`GET /v1/events`, server-sent): `id` is the resume cursor for `Last-Event-ID`. */
export const eventSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('transfer'), transfer: transferSchema }),
  z.object({ kind: z.literal('charge'), charge: chargeSchema }),
  z.object({ kind: z.literal('balances'), balances: balancesSchema }),
  z.object({ kind: z.literal('me'), me: meSchema }),
]);
export type EventView = z.output<typeof eventSchema>;
