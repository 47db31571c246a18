/**
 * The bank: its signed notices, and the question whether it knows a deposit. A notice alone never moves value; the
 * deposit is asked for at the bank before it counts.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '@jigeum/std';
import type { BankGateway } from '#deps';

const TIMEOUT_MS = 5_000;
/** A notice that is older, or from so far ahead, is a replay or a wrong clock. */
const AGE_SECONDS_MAX = 300;
const SIGNATURE = /^t=([0-9]{1,12}),v1=([0-9a-f]{64})$/;

const depositBody = z.object({
  bankRef: z.string().min(1).max(64),
  accountNumber: z.string(),
  depositorName: z.string(),
  amountWon: z.string().regex(/^[1-9][0-9]{0,14}$/),
  depositedAt: z.iso.datetime(),
});

/** HMAC-SHA256 of `<unix seconds>.<bytes>`. */
function macOf(secret: Uint8Array, seconds: string, bytes: Uint8Array): Buffer {
  return createHmac('sha256', secret).update(`${seconds}.`).update(bytes).digest();
}

/** Makes the client. `secret`: the bytes that both sides hold. */
export function createBankGateway(
  deps: { clock: Clock },
  options: { url: string; secret: Uint8Array; timeoutMs?: number; fetch?: typeof fetch },
): BankGateway {
  const send = options.fetch ?? fetch;
  const nowSeconds = () => Math.floor(deps.clock.nowMs() / 1000);
  return {
    isSigned(rawBody, signature) {
      const match = SIGNATURE.exec(signature ?? '');
      if (match === null) return false;
      const seconds = Number.parseInt(match[1]!, 10);
      if (Math.abs(nowSeconds() - seconds) > AGE_SECONDS_MAX) return false;
      return timingSafeEqual(macOf(options.secret, match[1]!, rawBody), Buffer.from(match[2]!, 'hex'));
    },
    async confirm(bankRef) {
      const path = `/deposits/${encodeURIComponent(bankRef)}`;
      const seconds = String(nowSeconds());
      const mac = macOf(options.secret, seconds, Buffer.from(`GET ${path}`)).toString('hex');
      let status: number;
      let json: unknown;
      try {
        const response = await send(`${options.url}${path}`, {
          headers: { 'x-bank-signature': `t=${seconds},v1=${mac}` },
          signal: AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS),
          redirect: 'error',
        });
        status = response.status;
        json = await response.json();
      } catch (error) {
        return { kind: 'unknown', cause: (error as Error).name };
      }
      if (status === 404) return { kind: 'absent' };
      const parsed = depositBody.safeParse(json);
      if (status !== 200 || !parsed.success) return { kind: 'unknown', cause: `status ${status}` };
      if (parsed.data.bankRef !== bankRef) return { kind: 'unknown', cause: 'an answer about another deposit' };
      return { kind: 'found', deposit: { ...parsed.data, amountWon: BigInt(parsed.data.amountWon) } };
    },
  };
}
