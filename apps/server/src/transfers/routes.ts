import type { FastifyInstance } from 'fastify';
import type { Deps } from '#deps';
import { mount } from '#platform';
import { getTransfer, listTransfers } from './history.ts';
import { recentPayees, resolvePayee } from './payees.ts';
import { requestTransfer } from './request-transfer.ts';
import { gasView } from './watch-gas.ts';
import { listWaiting, showTransfer } from './show-transfer.ts';
import { changeToken, createToken, operationView, showToken } from './token-operations.ts';

/** Registers the routes of this module. */
export function transferRoutes(app: FastifyInstance, deps: Deps): void {
  mount(app, deps, 'resolvePayee', ({ member, body }) =>
    resolvePayee(deps, { memberId: member.memberId, query: body }),
  );
  mount(app, deps, 'recentPayees', ({ member, query }) =>
    recentPayees(deps, { memberId: member.memberId, cursor: query.cursor, limit: query.limit }),
  );
  mount(app, deps, 'requestTransfer', ({ member, body, secrets, idempotency }) =>
    requestTransfer(deps, { member, idempotency, order: body, pin: secrets.pin }),
  );
  mount(app, deps, 'listTransfers', ({ member, query }) =>
    listTransfers(deps, {
      memberId: member.memberId,
      direction: query.direction,
      kind: query.kind,
      cursor: query.cursor,
      limit: query.limit,
    }),
  );
  mount(app, deps, 'getTransfer', ({ member, params }) =>
    getTransfer(deps, { memberId: member.memberId, transferId: params.transferId }),
  );
  mount(app, deps, 'operatorShowGas', () => gasView(deps));
  mount(app, deps, 'operatorShowTransfer', ({ params }) => showTransfer(deps, params.transferId));
  mount(app, deps, 'operatorListWaiting', ({ query }) => listWaiting(deps, query));
  mount(app, deps, 'operatorShowToken', ({ params }) => showToken(deps, params.symbol));
  mount(app, deps, 'operatorCreateToken', ({ body, idempotency }) =>
    createToken(deps, {
      idempotency,
      token: { ...body, wonPerToken: body.wonPerToken === null ? null : BigInt(body.wonPerToken) },
    }),
  );
  mount(app, deps, 'operatorMint', ({ params, body, idempotency }) =>
    changeToken(deps, { idempotency, symbol: params.symbol, amount: body.amount, reason: body.reason }),
  );
  mount(app, deps, 'operatorBurn', ({ params, body, idempotency }) =>
    changeToken(deps, { idempotency, symbol: params.symbol, amount: body.amount, reason: body.reason }),
  );
  mount(app, deps, 'operatorPause', ({ params, body, idempotency }) =>
    changeToken(deps, { idempotency, symbol: params.symbol, amount: 0n, reason: body.reason }),
  );
  mount(app, deps, 'operatorUnpause', ({ params, body, idempotency }) =>
    changeToken(deps, { idempotency, symbol: params.symbol, amount: 0n, reason: body.reason }),
  );
  mount(app, deps, 'operatorGetTokenOperation', ({ params }) => operationView(deps, deps.db, params.operationId));
}
