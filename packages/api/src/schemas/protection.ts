import { z } from 'zod';
import { instant } from '../amount-codec.ts';
import { pageQuery } from './common.ts';

const reason = z.string().trim().min(1).max(500);

export const alarmSchema = z.object({
  alarmId: z.uuid(),
  kind: z.string().describe('What kind of thing it is; docs/operating/alarms.md says what to do about each.'),
  subject: z.string().describe('What it is about, in the platform’s own ids.'),
  detail: z.string().describe('What was expected, what came and what to do.'),
  times: z.number().int().min(1).describe('How often it was seen.'),
  raisedAt: instant,
  lastSeenAt: instant,
  acknowledgedAt: instant.nullable(),
  acknowledgeReason: z.string().nullable(),
  resolvedAt: instant.nullable(),
  resolveReason: z.string().nullable(),
});
export type AlarmView = z.output<typeof alarmSchema>;

export const alarmListQuery = pageQuery.extend({ state: z.enum(['open', 'all']).default('open') });

/** A wallet as an operator names it: its UUID, its address on the chain, or its member's ID. */
const walletName = z.string().trim().min(4).max(42);

export const stopOutflowBody = z.discriminatedUnion('scope', [
  z.object({ scope: z.literal('platform'), reason }),
  z.object({ scope: z.literal('token'), symbol: z.string().max(10), reason }),
  z.object({ scope: z.literal('wallet'), wallet: walletName, reason }),
]);

/** Why nothing is signed for the platform, a token or a wallet. */
export const outflowStopSchema = z.object({
  stopId: z.uuid(),
  scope: z.enum(['platform', 'token', 'wallet']),
  tokenSymbol: z.string().nullable(),
  walletId: z.uuid().nullable(),
  address: z.string().nullable(),
  cause: z
    .enum(['operator', 'mismatch', 'quarantine'])
    .describe(
      'Who stopped it: a person, the comparison of ledger and chain, or a database that is older than the chain.',
    ),
  reason: z.string(),
  stoppedBy: z.string(),
  stoppedAt: instant,
  liftedBy: z.string().nullable(),
  liftedAt: instant.nullable(),
  liftReason: z.string().nullable(),
});
export type OutflowStopView = z.output<typeof outflowStopSchema>;

/** A stop with what was signed before it and has not ended: the stop does not take that back. */
export const stoppedOutflowSchema = outflowStopSchema.extend({
  inFlight: z
    .array(
      z.object({
        purpose: z.string(),
        sourceId: z.uuid(),
        walletId: z.uuid(),
        nonce: z.number().int(),
        state: z.string(),
        transactionHash: z.string(),
      }),
    )
    .describe('At most 200.'),
  inFlightCount: z.number().int(),
});
export type StoppedOutflowView = z.output<typeof stoppedOutflowSchema>;

export const outflowListQuery = pageQuery.extend({ state: z.enum(['open', 'all']).default('open') });
