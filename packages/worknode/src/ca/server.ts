/**
 * The partner API of a CA over HTTP:
 *
 *   POST /caii/d1/{secret, 32 hex digits}/account/new/{key hash, 40 hex digits, 0x allowed}      (no body)
 *   200 {"message":"AccountReturn","result":{"symid":"0x…","txhash":"0x…"}}
 *
 * A key hash that has a SymID gets the same answer again, so that a caller whose answer was lost may repeat. The public CA
 * answers 400 "already existed pub_key_hash" then. The form without a key hash, in which the CA makes the key, does not exist here.
 */
import { timingSafeEqual } from 'node:crypto';
import { hexToBytes, isHex } from '@jigeum/std';
import { sha3_256 } from '@jigeum/symverse';
import { startJsonService, type JsonReply, type RunningService } from '../rpc/http-json.ts';
import type { Authority } from './authority.ts';

const ROUTE = /^\/caii\/d1\/([^/]+)\/account\/new(?:\/([^/]*))?$/;
const BODY_BYTES_MAX = 1024;

/** True for 32 hex digits. */
export const isCaSecret = (text: string): boolean => text.length === 32 && isHex(text);

/** Starts to serve. `secret`: 32 hex digits, compared in constant time. */
export function startCaServer(
  authority: Authority,
  options: {
    readonly host: string;
    readonly port: number;
    readonly secret: string;
    readonly report: (error: unknown) => void;
  },
): Promise<RunningService> {
  const refuse = (status: number, message: string): JsonReply => ({
    status,
    text: JSON.stringify({ message, result: null }),
  });
  return startJsonService({
    host: options.host,
    port: options.port,
    report: options.report,
    bodyBytesMax: BODY_BYTES_MAX,
    refuse,
    async answer({ method, path }) {
      const match = ROUTE.exec(path);
      if (match === null) return refuse(404, 'Expected /caii/d1/{secret}/account/new/{pubKeyHash}, got another path.');
      const [, secret = '', hash = ''] = match;
      if (!isSame(secret, options.secret)) return refuse(401, 'Expected the secret of this partner, got another.');
      if (method !== 'POST') return refuse(405, `Expected POST, got ${method}.`);
      const digits = hash.startsWith('0x') ? hash.slice(2) : hash;
      if (digits.length !== 40 || !isHex(digits)) {
        return refuse(
          400,
          `Expected the hash of a public key in 40 hex digits, got ${digits.length} characters. This CA makes no keys.`,
        );
      }
      const { symId, recordHash } = authority.issue(hexToBytes(digits));
      return {
        status: 200,
        text: JSON.stringify({ message: 'AccountReturn', result: { symid: symId, txhash: recordHash } }),
      };
    },
  });
}

/** Compares without showing by its time how much is right; hashing makes the lengths equal. */
const isSame = (left: string, right: string): boolean => timingSafeEqual(sha3_256(bytes(left)), sha3_256(bytes(right)));
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
