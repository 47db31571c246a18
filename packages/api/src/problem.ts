/** RFC 9457 problem details: the body of every answer with a status of 400 or more. */
import { z } from 'zod';
import { errorCodes, type ErrorCode } from './error-codes.ts';

const codes = Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]];

export const problemSchema = z.object({
  type: z.string().describe('A stable name of the problem: /errors#<code>.'),
  title: z.string().describe('What happened, in English.'),
  status: z.number().int(),
  code: z.enum(codes).describe('Stable; branch on this.'),
  detail: z.string().optional().describe('What was expected, what came and what to do.'),
  triesLeft: z.number().int().optional().describe('How many more tries are left, where tries are counted.'),
  retryAfterSeconds: z.number().int().optional(),
  requestId: z.string().optional(),
});
export type Problem = z.infer<typeof problemSchema>;
