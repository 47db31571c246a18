import { z } from 'zod';

/** How a token is shown. A token is named by its symbol throughout the API. */
export const tokenSchema = z.object({
  symbol: z.string().describe('3 to 10 characters, unique on this platform.'),
  name: z.string(),
  decimals: z.number().int().min(0).max(36).describe('How many base units make one: 10^decimals.'),
  wonPerToken: z.string().nullable().describe('Whole won that one token is worth where it is pegged, else null.'),
  isPaused: z.boolean(),
});
export type TokenView = z.infer<typeof tokenSchema>;

/** What one member may see of another. Never a full name, a phone number or a place on the chain. */
export const personSchema = z.object({
  memberId: z.string(),
  maskedName: z.string().describe('For example 홍*동.'),
  badge: z.object({
    isRealNameVerified: z.boolean(),
    verifiedSince: z.string().nullable().describe('Month, for example 2026-11.'),
  }),
});
export type PersonView = z.infer<typeof personSchema>;

/** A page of a list, newest first. `nextCursor` is opaque; null on the last page. */
export const page = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });

export const pageQuery = z.object({
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
});
