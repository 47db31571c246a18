/**
 * The partner API of a CA over HTTP. No request has a body; `{secret}` is 32 hex digits, `{key}` the hash of a public key (40 hex
 * digits, 0x allowed), `{symid}` 0x and 20 hex digits.
 *
 *   POST /caii/d1/{secret}/account/new/{key}                   a SymID for a new person
 *   200 {"message":"AccountReturn","result":{"symid":"0x…","txhash":"0x…"}}
 *
 * A key hash that has a SymID gets the same answer again, so that a caller whose answer was lost may repeat. The public CA
 * answers 400 "already existed pub_key_hash" then. The form without a key hash, in which the CA makes the key, does not exist here.
 *
 * Ours, because no document says how a partner changes an account; repeating any of them changes nothing more:
 *
 *   POST /caii/d1/{secret}/account/{symid}/new/{key}           one more account of the same citizen, with the next number
 *   POST /caii/d1/{secret}/account/{symid}/key/{key}           another key
 *   POST /caii/d1/{secret}/account/{symid}/lock | mark | unlock | revoke
 *   POST /caii/d1/{secret}/account/{symid}/phone/verified | unverified
 *   GET  /caii/d1/{secret}/account/{symid}                     what the chain says of it
 *
 * A refusal is 400 {"message":"…","result":null}; a wrong secret 401, looked at before everything else.
 */
import { timingSafeEqual } from 'node:crypto';
import { bytesToHex, hexToBytes, isHex } from '@jigeum/std';
import { parseSymId, sha3_256, SymIdError, type SymId } from '@jigeum/symverse';
import { startJsonService, type JsonReply, type RunningService } from '../rpc/http-json.ts';
import { AuthorityRefusal, type Authority, type IssuedSymId } from './authority.ts';

const ROUTE = /^\/caii\/d1\/([^/]+)\/account\/([^/]+)(?:\/([^/]+)(?:\/([^/]+))?)?\/?$/;
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
  return startJsonService({
    host: options.host,
    port: options.port,
    report: options.report,
    bodyBytesMax: BODY_BYTES_MAX,
    refuse,
    answer({ method, path }) {
      const match = ROUTE.exec(path);
      if (match === null) return refuse(404, 'Expected /caii/d1/{secret}/account/new/{pubKeyHash}, got another path.');
      const [, secret = '', ...words] = match;
      if (!isSame(secret, options.secret)) return refuse(401, 'Expected the secret of this partner, got another.');
      try {
        return answerPartner(authority, method, words);
      } catch (error) {
        if (error instanceof AuthorityRefusal) return refuse(400, error.message);
        throw error;
      }
    },
  });
}

function answerPartner(
  authority: Authority,
  method: string,
  [subject = '', verb, object]: readonly (string | undefined)[],
): JsonReply {
  if (subject === 'new') {
    if (method !== 'POST') return refuse(405, `Expected POST, got ${method}.`);
    return issued(authority.issue(keyHashOf(verb ?? '')));
  }
  const symId = symIdOf(subject);
  if (verb === undefined) {
    if (method !== 'GET') return refuse(405, `Expected GET, got ${method}.`);
    return account(authority, symId);
  }
  const change = changeOf(authority, { symId, verb, object });
  if (change === undefined)
    return refuse(404, `Expected new, key, lock, mark, unlock, revoke or phone, got another word.`);
  if (method !== 'POST') return refuse(405, `Expected POST, got ${method}.`);
  return issued(change());
}

function changeOf(
  authority: Authority,
  { symId, verb, object }: { symId: SymId; verb: string; object: string | undefined },
): (() => IssuedSymId) | undefined {
  if (verb === 'new') return () => authority.issueFurther(symId, keyHashOf(object ?? ''));
  if (verb === 'key') return () => authority.changeKey(symId, keyHashOf(object ?? ''));
  if (verb === 'phone' && (object === 'verified' || object === 'unverified'))
    return () => authority.setPhoneVerified(symId, object === 'verified');
  if (object !== undefined || !Object.hasOwn(STATUS_OF, verb)) return undefined;
  const status = STATUS_OF[verb as keyof typeof STATUS_OF];
  return () => authority.setStatus(symId, status);
}

const STATUS_OF = { lock: 'locked', mark: 'marked', unlock: 'active', revoke: 'revoked' } as const;

const issued = ({ symId, recordHash }: IssuedSymId): JsonReply =>
  reply('AccountReturn', { symid: symId, txhash: recordHash });

function account(authority: Authority, symId: SymId): JsonReply {
  const { keyHash, status, isPhoneVerified, recordHash } = authority.find(symId);
  return reply('AccountState', {
    symid: symId,
    txhash: recordHash,
    public_key_hash: bytesToHex(keyHash),
    state: status.toUpperCase(),
    phone_verified: isPhoneVerified,
  });
}

const reply = (message: string, result: object): JsonReply => ({
  status: 200,
  text: JSON.stringify({ message, result }),
});

const refuse = (status: number, message: string): JsonReply => ({
  status,
  text: JSON.stringify({ message, result: null }),
});

function keyHashOf(text: string): Uint8Array {
  const digits = text.startsWith('0x') ? text.slice(2) : text;
  if (digits.length === 40 && isHex(digits)) return hexToBytes(digits);
  throw new AuthorityRefusal(
    `Expected the hash of a public key in 40 hex digits, got ${digits.length} characters. This CA makes no keys.`,
  );
}

function symIdOf(text: string): SymId {
  try {
    return parseSymId(text);
  } catch (cause) {
    if (cause instanceof SymIdError) throw new AuthorityRefusal(cause.message, { cause });
    throw cause;
  }
}

/** Compares without showing by its time how much is right; hashing makes the lengths equal. */
const isSame = (left: string, right: string): boolean => timingSafeEqual(sha3_256(bytes(left)), sha3_256(bytes(right)));
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
