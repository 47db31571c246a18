/** Registers the routes of packages/api: who may call, what comes in, what goes out. Handlers never parse or encode. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { CallOutput, RouteName, Routes } from '@jigeum/api';
import type { PlatformDeps } from './deps.ts';
import type { StoredAnswer, IdempotentCall } from './idempotency.ts';

/** The logged-in member of a request. */
export interface MemberSession {
  /** The member's UUID (`members.id`). */
  memberId: string;
  /** `sessions.id_hash`. */
  idHash: Uint8Array;
  /** 32 bytes derived from the cookie; opens `sealedKey`. Cleared after the request. */
  unlockKey: Uint8Array;
  /** The private key under `unlockKey`, or null where payments are locked. */
  sealedKey: Uint8Array | null;
  unlockedUntil: Date | null;
}

type Decoded<R extends RouteName, K extends string> = Routes[R] extends {
  readonly [P in K]: infer S extends z.ZodType;
}
  ? z.output<S>
  : undefined;

/** What a handler gets: decoded by the route's schemas (amounts are bigint), and authenticated. */
export interface RouteInput<R extends RouteName> {
  params: Decoded<R, 'params'>;
  query: Decoded<R, 'query'>;
  body: Decoded<R, 'body'>;
  /** Views into the request's body: cleared when the handler has returned. Copy what must live longer, and clear it. */
  secrets: Routes[R] extends { readonly secrets: readonly (infer N extends string)[] }
    ? { [P in N]: Uint8Array }
    : undefined;
  /** Set where the route's `auth` is `member`. */
  member: Routes[R]['auth'] extends 'member' ? MemberSession : undefined;
  /** SHA-256 of the identity-check cookie where the route's `auth` is `check`. */
  browserHash: Routes[R]['auth'] extends 'check' ? Uint8Array : undefined;
  /** The header Idempotency-Key (lowercase UUID) where the route is idempotent. */
  idempotencyKey: Routes[R] extends { readonly isIdempotent: true } ? string : undefined;
  /** What `idempotently` needs: who, which route, which key, which body. */
  idempotency: Routes[R] extends { readonly isIdempotent: true } ? IdempotentCall<R> : undefined;
  /** The exact bytes of a JSON body, for signatures. Undefined where there is none. */
  rawBody: Uint8Array | undefined;
  request: FastifyRequest;
  reply: FastifyReply;
}

export type RouteHandler<R extends RouteName> = (input: RouteInput<R>) => Promise<CallOutput<R> | StoredAnswer>;

/** Registers one route of the contract. The handler returns the decoded answer; the schema encodes it. */
export declare function mount<R extends RouteName>(
  app: FastifyInstance,
  deps: PlatformDeps,
  name: R,
  handler: RouteHandler<R>,
): void;
