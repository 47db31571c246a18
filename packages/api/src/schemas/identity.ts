import { z } from 'zod';
import { instant } from '../amount-codec.ts';

export const carriers = ['SKT', 'KT', 'LGU', 'SKT_MVNO', 'KT_MVNO', 'LGU_MVNO'] as const;

export const startCheckBody = z.object({
  name: z.string().trim().min(2).max(40).describe('Full name. Passed to the agency, never stored; a masked form is.'),
  carrier: z.enum(carriers),
  phone: z.string().regex(/^010[0-9]{8}$/, 'Expected a Korean mobile number: 010 and 8 digits, without hyphens.'),
  birthDate: z
    .string()
    .regex(/^[0-9]{6}$/, 'Expected six digits: year, month, day.')
    .describe('Passed to the agency, never stored.'),
  sexDigit: z
    .string()
    .regex(/^[1-8]$/, 'Expected the first digit of the second half, 1 to 8.')
    .describe('Passed to the agency, never stored.'),
  hasConsented: z.literal(true),
});

export const checkSchema = z.object({
  checkId: z.uuid(),
  state: z.enum(['sent', 'verified', 'failed', 'expired']),
  maskedPhone: z.string().describe('For example 010-****-1234.'),
  expiresAt: instant,
  resendAfter: instant,
  triesLeft: z.number().int(),
  sendsLeft: z.number().int(),
  isSimulation: z.boolean().describe('True where a simulated agency stands in for the real one; screens must say so.'),
});
export type CheckView = z.infer<typeof checkSchema>;

export const confirmCheckBody = z.object({ code: z.string().regex(/^[0-9]{6}$/, 'Expected six digits.') });
