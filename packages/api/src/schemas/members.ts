import { z } from 'zod';
import { instant } from '../amount-codec.ts';
import { personSchema } from './common.ts';

export const memberId = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z][a-z0-9]{3,19}$/, 'Expected 4 to 20 letters and digits that begin with a letter.');

export const joinBody = z.object({ checkId: z.uuid(), memberId });

export const loginBody = z.object({ memberId });

export const meSchema = personSchema.extend({
  maskedPhone: z.string(),
  receiveCode: z.uuid().describe('Stands for the member in a QR; not secret.'),
  wallet: z.object({ state: z.enum(['preparing', 'ready']) }),
  session: z.object({ isUnlocked: z.boolean(), unlockedUntil: instant.nullable() }),
  lastLoginAt: instant.nullable(),
  isSimulation: z.boolean(),
});
export type MeView = z.infer<typeof meSchema>;

export const memberIdQuery = z.object({ memberId });
export const availabilitySchema = z.object({ isAvailable: z.boolean() });
