import type { FastifyInstance } from 'fastify';
import type { Issuer } from '@jigeum/receipt';
import type { Deps } from '#deps';
import { mount } from '#platform';
import { getReceipt } from './get-receipt.ts';
import { receiptKeys } from './keys.ts';
import { receiptVerification } from './verification.ts';
import { mountVerifyPage } from './verify-page.ts';

/** Registers the routes of this module. `issuer` null: receipts that there are are shown, no new ones are made. */
export function receiptRoutes(app: FastifyInstance, deps: Deps, issuer: Issuer | null): void {
  mount(app, deps, 'getReceiptVerification', ({ member, params }) =>
    receiptVerification(deps, { memberId: member.memberId, transferId: params.transferId }),
  );
  mount(app, deps, 'getReceipt', ({ member, params }) =>
    getReceipt(deps, issuer, { memberId: member.memberId, transferId: params.transferId }),
  );
  mount(app, deps, 'receiptKeys', async ({ reply }) => {
    const keys = await receiptKeys(deps, issuer);
    void reply.header('cache-control', `public, max-age=${KEYS_SECONDS}`);
    return keys;
  });
  mountVerifyPage(app, deps, issuer);
}

/** A key that is exchanged is known everywhere a minute later. */
const KEYS_SECONDS = 60;
