import { z } from 'zod';
import { amountBase, instant } from '../amount-codec.ts';
import { pageQuery } from './common.ts';

/** What an endpoint is sent: JSON in these fields, and no person in any of them. Later versions may add fields and types. */
export const webhookBodySchema = z.object({
  type: z.enum(['payment.final', 'payment.returned', 'charge.final', 'charge.returned']),
  timestamp: instant.describe('When the transfer ended.'),
  data: z.object({
    transferId: z.uuid(),
    kind: z.enum(['payment', 'charge']),
    state: z.enum(['final', 'returned']).describe('The state of the transfer, in the words of the API.'),
    sequence: z.number().int().min(1).describe('Of this transfer, from 1 without gaps.'),
    tokenId: z.uuid(),
    token: z.string().describe('Its symbol.'),
    amount: amountBase,
    payerWalletId: z.uuid(),
    payeeWalletId: z.uuid(),
  }),
});
/** As it is on the wire: the amount as decimal digits. */
export type WebhookBody = z.input<typeof webhookBodySchema>;

export const addWebhookBody = z.object({
  url: z
    .string()
    .trim()
    .min(8)
    .max(2000)
    .describe('https, and of a machine that anybody may reach; see WEBHOOK_NETWORKS.'),
});

export const webhookSchema = z.object({
  webhookId: z.uuid(),
  url: z.string(),
  createdAt: instant,
  removedAt: instant.nullable(),
  state: z
    .enum(['working', 'failing', 'broken', 'removed'])
    .describe('`broken`: one try at a time, until one is accepted.'),
  failingSince: instant.nullable(),
  nextTryAt: instant.nullable().describe('While it is broken: no try before.'),
  pending: z.number().int(),
  givenUp: z.number().int(),
});
export type WebhookView = z.output<typeof webhookSchema>;

/** With the secret, which is shown this once: only its receiver and the sealed row have it. */
export const webhookWithSecretSchema = webhookSchema.extend({
  secret: z.string().describe('`whsec_` and base64.'),
  oldSecretsUntil: instant.nullable().describe('So long the secrets before it sign as well.'),
});
export type WebhookWithSecretView = z.output<typeof webhookWithSecretSchema>;

export const webhookListQuery = pageQuery.extend({ state: z.enum(['live', 'all']).default('live') });

export const webhookRetrySchema = z.object({
  due: z.number().int().describe('Deliveries that are tried again from now on.'),
  isComplete: z.boolean().describe('False: there are more. Ask again.'),
});

export const deliverySchema = z.object({
  deliveryId: z.uuid().describe('The header webhook-id.'),
  webhookId: z.uuid(),
  url: z.string(),
  type: z.string(),
  transferId: z.uuid(),
  sequence: z.number().int(),
  state: z.enum(['pending', 'delivered', 'given-up']),
  attempts: z.number().int(),
  lastStatus: z.number().int().nullable(),
  lastError: z.string().nullable().describe('Why the last try failed, in words.'),
  nextAttemptAt: instant.nullable(),
  createdAt: instant,
  endedAt: instant.nullable(),
});
export type DeliveryView = z.output<typeof deliverySchema>;

export const deliveryListQuery = pageQuery.extend({
  webhookId: z.uuid().optional(),
  state: z.enum(['open', 'all']).default('open').describe('`open`: pending or given up.'),
});
