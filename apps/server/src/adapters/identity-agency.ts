/**
 * Real-name agency over PortOne's REST (identity-verifications). Every call may time out: what it did is then unknown
 * and says so. Personal data is in the request's body only, never in an address, a log or an error.
 *
 * Which `pgCode` a carrier's gateway gives for a wrong code, an expired one and a person that differs is a guess until a
 * contract with one exists; the table below is the only place that knows. An unknown code counts as unavailable.
 */
import { z } from 'zod';
import type { AgencyConfirmOutcome, AgencySendOutcome, IdentityAgency } from '#deps';

const TIMEOUT_MS = 5_000;

const pgCodes: Record<string, 'wrong-code' | 'expired' | 'mismatch'> = {
  OTP_MISMATCH: 'wrong-code',
  OTP_EXPIRED: 'expired',
  PERSON_MISMATCH: 'mismatch',
};

const errorBody = z.object({ type: z.string(), pgCode: z.string().optional() });
const verification = z.object({
  status: z.enum(['READY', 'VERIFIED', 'FAILED']),
  verifiedCustomer: z.object({ ci: z.string().min(1) }).optional(),
});
const confirmBody = z.object({ identityVerification: verification });

type Answer =
  | { kind: 'ok'; json: unknown }
  | { kind: 'error'; type: string; pgCode: string | undefined }
  | { kind: 'unavailable'; cause: string };

/** Makes the client. `secret`: the API secret's text, read once by the caller. */
export function createIdentityAgency(options: {
  url: string;
  secret: string;
  channelKey: string;
  timeoutMs?: number;
  fetch?: typeof fetch;
}): IdentityAgency {
  const send = options.fetch ?? fetch;

  const call = async (method: 'GET' | 'POST', path: string, body?: unknown): Promise<Answer> => {
    let status: number;
    let json: unknown;
    try {
      const response = await send(`${options.url}${path}`, {
        method,
        headers: {
          authorization: `PortOne ${options.secret}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS),
        redirect: 'error',
      });
      status = response.status;
      json = await response.json();
    } catch (error) {
      return { kind: 'unavailable', cause: (error as Error).name };
    }
    if (status >= 200 && status < 300) return { kind: 'ok', json };
    const problem = errorBody.safeParse(json);
    if (!problem.success) return { kind: 'unavailable', cause: `status ${status}` };
    return { kind: 'error', type: problem.data.type, pgCode: problem.data.pgCode };
  };

  const sendOutcome = (answer: Answer): AgencySendOutcome => {
    if (answer.kind === 'ok') return { kind: 'sent' };
    if (answer.kind === 'unavailable') return answer;
    if (answer.type === 'MAX_TRANSACTION_COUNT_REACHED') return { kind: 'too-many' };
    if (pgCodes[answer.pgCode ?? ''] === 'mismatch') return { kind: 'mismatch' };
    return { kind: 'unavailable', cause: answer.pgCode ?? answer.type };
  };

  const read = (checked: z.infer<typeof verification>): AgencyConfirmOutcome | { kind: 'pending' } => {
    if (checked.status === 'READY') return { kind: 'pending' };
    if (checked.status === 'FAILED') return { kind: 'expired' };
    if (checked.verifiedCustomer === undefined) return { kind: 'unavailable', cause: 'verified without a ci' };
    return { kind: 'verified', ci: new TextEncoder().encode(checked.verifiedCustomer.ci) };
  };

  const ask = async (ref: string): Promise<AgencyConfirmOutcome | { kind: 'pending' }> => {
    const answer = await call('GET', `/identity-verifications/${encodeURIComponent(ref)}`);
    if (answer.kind === 'unavailable') return answer;
    if (answer.kind === 'error') return { kind: 'unavailable', cause: answer.type };
    const parsed = verification.safeParse(answer.json);
    return parsed.success ? read(parsed.data) : { kind: 'unavailable', cause: 'an answer of another shape' };
  };

  return {
    async send(ref, claim) {
      return sendOutcome(
        await call('POST', `/identity-verifications/${encodeURIComponent(ref)}/send`, {
          channelKey: options.channelKey,
          customer: { name: claim.name, phoneNumber: claim.phone, identityNumber: claim.identityNumber },
          operator: claim.carrier,
          method: 'SMS',
        }),
      );
    },
    async resend(ref) {
      return sendOutcome(await call('POST', `/identity-verifications/${encodeURIComponent(ref)}/resend`));
    },
    async confirm(ref, code) {
      const answer = await call('POST', `/identity-verifications/${encodeURIComponent(ref)}/confirm`, { otp: code });
      if (answer.kind === 'unavailable') return answer;
      if (answer.kind === 'error') {
        const meaning = pgCodes[answer.pgCode ?? ''];
        if (meaning === 'wrong-code' || meaning === 'expired') return { kind: meaning };
        if (answer.type !== 'IDENTITY_VERIFICATION_ALREADY_VERIFIED')
          return { kind: 'unavailable', cause: answer.pgCode ?? answer.type };
        const known = await ask(ref);
        return known.kind === 'pending' ? { kind: 'unavailable', cause: 'verified and pending at once' } : known;
      }
      const parsed = confirmBody.safeParse(answer.json);
      const outcome = parsed.success ? read(parsed.data.identityVerification) : undefined;
      return outcome === undefined || outcome.kind === 'pending'
        ? { kind: 'unavailable', cause: 'an answer of another shape' }
        : outcome;
    },
    ask,
  };
}
