/** The route map: every module's routes, and what live events show. Read this first. */
import type { FastifyInstance } from 'fastify';
import type { Issuer } from '@jigeum/receipt';
import type { Deps } from '#deps';
import { accessRoutes, meOf } from '#access';
import { chargeHooks, chargeRoutes, getCharge } from '#charges';
import { identityRoutes } from '#identity';
import { sessions } from '#members';
import { createStreams, eventRoutes, webhookRoutes, type Streams } from '#notifications';
import { protectionRoutes } from '#protection';
import { receiptRoutes } from '#receipts';
import { reconcileRoutes } from '#reconcile';
import { scannerRoutes, type ScanFeed } from '#scanner';
import { tokenRoutes } from '#tokens';
import { getTransfer, transferRoutes } from '#transfers';
import { balancesOf, walletRoutes } from '#wallets';
import { sessionIdHash, unlockKeyOf } from '#platform';
import { mountHealth, type ReadinessCheck } from './platform/health.ts';
import { closeHttp, createHttp } from './platform/http.ts';
import { mountOpenApi } from './platform/openapi.ts';
import { mountNoWeb, mountWeb } from './platform/static-web.ts';

export interface App {
  http: FastifyInstance;
  streams: Streams;
  /** The public scanner's live part: poke it when the index has grown. */
  scan: ScanFeed;
  /** Ends the streams, then waits for running requests. */
  close(): Promise<void>;
}

/**
 * Makes the app; nothing listens yet. `operatorTokenHash`: SHA-256 of the operator's bearer token. `receiptIssuer`: null where
 * no receipts are issued.
 */
export async function createApp(
  deps: Deps,
  options: {
    operatorTokenHash: Uint8Array | null;
    receiptIssuer: Issuer | null;
    checks: readonly ReadinessCheck[];
  },
): Promise<App> {
  const http = await createHttp(deps, {
    findSession: (secret, isUse) =>
      sessions.find(deps, { idHash: sessionIdHash(secret), unlockKey: unlockKeyOf(secret) }, isUse),
    operatorTokenHash: options.operatorTokenHash,
  });
  const streams = createStreams();

  identityRoutes(http, deps);
  accessRoutes(http, deps);
  walletRoutes(http, deps);
  tokenRoutes(http, deps);
  protectionRoutes(http, deps);
  transferRoutes(http, deps);
  chargeRoutes(http, deps);
  reconcileRoutes(http, deps, chargeHooks(deps));
  receiptRoutes(http, deps, options.receiptIssuer);
  webhookRoutes(http, deps);
  const scan = scannerRoutes(http, deps);
  eventRoutes(http, deps, {
    streams,
    isSessionLive: async (idHash) => (await sessions.peek(deps, idHash)) !== null,
    renderers: {
      transfer: async ({ memberId }, transferId) => ({
        kind: 'transfer',
        transfer: await getTransfer(deps, { memberId, transferId }),
      }),
      charge: async ({ memberId }, chargeId) => ({
        kind: 'charge',
        charge: await getCharge(deps, { memberId, chargeId }),
      }),
      balances: async ({ memberId }) => ({ kind: 'balances', balances: await balancesOf(deps, { memberId }) }),
      me: async ({ memberId, idHash }) => {
        const session = await sessions.peek(deps, idHash);
        if (session === null) return null;
        return { kind: 'me', me: await meOf(deps, { memberId, unlockedUntil: session.unlockedUntil }) };
      },
    },
  });
  mountHealth(http, deps, options.checks);
  await mountOpenApi(http, { isHttps: deps.config.isHttps });
  if (deps.config.webDir === null) mountNoWeb(http);
  else await mountWeb(http, deps.config.webDir);

  return {
    http,
    streams,
    scan,
    async close() {
      streams.closeAll();
      await scan.close();
      await closeHttp(http);
    },
  };
}
