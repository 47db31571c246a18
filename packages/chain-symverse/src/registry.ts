/** The certificate authority that issues a SymID for the hash of a public key (partner API of symverse.com). */
import type { KeyRegistry, KeyRegistryOutcome } from '@jigeum/chain';
import { assert, bytesToHex } from '@jigeum/std';

/** Where the authority is and how it knows us. */
export interface CaRegistryOptions {
  /** For example https://mainnet-ca.symverse.com. */
  caUrl: string;
  /** 32 hex digits. Part of the path, so it must not reach a log with the address. */
  secret: string;
  fetch?: typeof fetch;
  /** Waits at most this long for an answer, in milliseconds. */
  timeoutMs?: number;
}

const TIMEOUT_MS = 5_000;
/** An answer is one small object: a longer one is not from a certificate authority. */
const ANSWER_CHARACTERS_MAX = 10_000;

/**
 * Registers key hashes over `POST /caii/d1/{secret}/account/new/{hash}`. Only the hash is sent: the call without one would
 * have the authority make the key (paper-checklist A41), and is never used. Safe to repeat: the same hash gets the same SymID.
 */
export function createCaRegistry(options: CaRegistryOptions): KeyRegistry {
  const send = options.fetch ?? globalThis.fetch.bind(globalThis);
  const base = options.caUrl.replace(/\/+$/, '');
  return {
    async register(keyHash) {
      assert(keyHash.length === 20, 'a key hash has 20 bytes');
      const hash = bytesToHex(keyHash);
      let status: number;
      let text: string;
      try {
        const response = await send(`${base}/caii/d1/${options.secret}/account/new/0x${hash}`, {
          method: 'POST',
          signal: AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS),
        });
        status = response.status;
        text = await response.text();
      } catch (cause) {
        // The cause's message may hold the address with the secret: only its name is passed on.
        const name = cause instanceof Error ? cause.name : 'an error';
        return { kind: 'unknown', cause: `The certificate authority gave no answer (${name}). Ask again.` };
      }
      return readAnswer(status, text);
    },
  };
}

function readAnswer(status: number, text: string): KeyRegistryOutcome {
  if (text.length > ANSWER_CHARACTERS_MAX) {
    return { kind: 'unknown', cause: `Expected a small object, got ${text.length} characters with status ${status}.` };
  }
  const answer = parse(text);
  if (status === 200) {
    const symId = answer?.result?.symid;
    if (typeof symId !== 'string' || !/^(0x)?[0-9a-f]{20}$/.test(symId)) {
      return { kind: 'unknown', cause: 'Expected result.symid with 20 hex digits, got something else.' };
    }
    return { kind: 'registered', address: symId.startsWith('0x') ? symId : `0x${symId}` };
  }
  // 4xx is the authority's own decision, except "too many" and "took too long"; all else may have had its effect.
  if (status >= 400 && status < 500 && status !== 408 && status !== 429) {
    const message = typeof answer?.message === 'string' ? answer.message.slice(0, 200) : 'no reason given';
    return { kind: 'refused', text: `The certificate authority refused with status ${status}: ${message}` };
  }
  return { kind: 'unknown', cause: `Expected status 200, got ${status}. Ask again.` };
}

function parse(text: string): { message?: unknown; result?: { symid?: unknown } | null } | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' ? value : null;
  } catch {
    // Not JSON is an answer that says nothing: the caller turns it into `unknown` or a refusal without a reason.
    return null;
  }
}
