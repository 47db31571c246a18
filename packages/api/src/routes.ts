/**
 * Every route of the HTTP API, once: the server registers from it, the client calls by it, OpenAPI is generated from it.
 *
 * `auth`: who may call. `public` anyone; `check` the browser that started an identity check (its own cookie);
 * `member` a logged-in member; `operator` a bearer token from a file; `bank` the bank's signature.
 * `secrets`: the body is a secret form (`secret-form.ts`) whose JSON is `body` and whose secrets come in this order.
 * `isIdempotent`: the header `Idempotency-Key` (a UUID that the client makes and stores before it sends) is required.
 */
import { z } from 'zod';
import { checkSchema, confirmCheckBody, startCheckBody } from './schemas/identity.ts';
import { availabilitySchema, joinBody, loginBody, meSchema, memberIdQuery } from './schemas/members.ts';
import { balancesSchema } from './schemas/wallets.ts';
import {
  payeeSchema,
  receiptVerificationSchema,
  requestTransferBody,
  resolvePayeeBody,
  transferListQuery,
  transferSchema,
} from './schemas/transfers.ts';
import { bankNoticeBody, chargeSchema, requestChargeBody } from './schemas/charges.ts';
import {
  changeSupplyBody,
  createTokenBody,
  operatorTokenSchema,
  reasonBody,
  tokenOperationSchema,
} from './schemas/tokens.ts';
import {
  scanAccountSchema,
  scanBlockSchema,
  scanHolderSchema,
  scanOverviewSchema,
  scanSearchSchema,
  scanTokenRowSchema,
  scanTokenSchema,
  scanTransactionSchema,
  scanWholeBlockSchema,
  scanWholeTransactionSchema,
} from './schemas/scanner.ts';
import { page, pageQuery, tokenSchema } from './schemas/common.ts';

export interface RouteDefinition {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: `/v1/${string}`;
  readonly summary: string;
  readonly auth: 'public' | 'check' | 'member' | 'operator' | 'bank';
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly secrets?: readonly ('passphrase' | 'pin')[];
  readonly isIdempotent?: true;
  readonly status: 200 | 201 | 202 | 204;
  readonly response: z.ZodType;
}

const empty = z.null();
const checkId = z.object({ checkId: z.uuid() });
const transferId = z.object({ transferId: z.uuid() });
const chargeId = z.object({ chargeId: z.uuid() });
const contract = z.object({ contract: z.string().regex(/^0x[0-9a-f]{20}$/) });
const symbol = z.object({ symbol: z.string().max(10) });

export const routes = {
  startCheck: {
    method: 'POST',
    path: '/v1/identity/checks',
    auth: 'public',
    status: 201,
    summary: 'Start a real-name check: the agency sends a code to the phone.',
    body: startCheckBody,
    response: checkSchema,
  },
  resendCheck: {
    method: 'POST',
    path: '/v1/identity/checks/:checkId/resend',
    auth: 'check',
    status: 200,
    summary: 'Send the code again. Counts towards five sends a day; failed tries stay counted.',
    params: checkId,
    response: checkSchema,
  },
  confirmCheck: {
    method: 'POST',
    path: '/v1/identity/checks/:checkId/confirm',
    auth: 'check',
    status: 200,
    summary: 'Confirm the code. Five tries.',
    params: checkId,
    body: confirmCheckBody,
    response: checkSchema,
  },
  memberIdAvailability: {
    method: 'GET',
    path: '/v1/members/availability',
    auth: 'check',
    status: 200,
    summary: 'Is this member ID free? Only for a browser that is joining.',
    query: memberIdQuery,
    response: availabilitySchema,
  },
  join: {
    method: 'POST',
    path: '/v1/members',
    auth: 'check',
    status: 201,
    isIdempotent: true,
    summary: 'Become a member after a confirmed check. Logs in. The wallet is prepared in the background.',
    body: joinBody,
    secrets: ['passphrase', 'pin'],
    response: meSchema,
  },
  login: {
    method: 'POST',
    path: '/v1/sessions',
    auth: 'public',
    status: 201,
    summary: 'Log in with ID and passphrase. Five wrong passphrases stop log-in.',
    body: loginBody,
    secrets: ['passphrase'],
    response: meSchema,
  },
  unlock: {
    method: 'POST',
    path: '/v1/sessions/current/unlock',
    auth: 'member',
    status: 200,
    summary: 'Unlock payments again after ten idle minutes.',
    body: z.object({}),
    secrets: ['passphrase'],
    response: meSchema,
  },
  logout: {
    method: 'DELETE',
    path: '/v1/sessions/current',
    auth: 'member',
    status: 204,
    summary: 'Log out and lock the wallet.',
    response: empty,
  },
  me: { method: 'GET', path: '/v1/me', auth: 'member', status: 200, summary: 'Who is logged in.', response: meSchema },
  balances: {
    method: 'GET',
    path: '/v1/balances',
    auth: 'member',
    status: 200,
    summary: 'What is available, held and incoming.',
    response: balancesSchema,
  },
  resolvePayee: {
    method: 'POST',
    path: '/v1/payees/resolve',
    auth: 'member',
    status: 200,
    summary: 'Who would receive? The masked name and badge to confirm before the amount. Rate-limited.',
    body: resolvePayeeBody,
    response: payeeSchema,
  },
  recentPayees: {
    method: 'GET',
    path: '/v1/payees',
    auth: 'member',
    status: 200,
    summary: 'The people paid most recently.',
    query: pageQuery,
    response: page(payeeSchema),
  },
  requestTransfer: {
    method: 'POST',
    path: '/v1/transfers',
    auth: 'member',
    status: 202,
    isIdempotent: true,
    summary:
      'Pay. 202 means: accepted, signed and stored; it will be executed exactly once. The Idempotency-Key becomes the transferId.',
    body: requestTransferBody,
    secrets: ['pin'],
    response: transferSchema,
  },
  listTransfers: {
    method: 'GET',
    path: '/v1/transfers',
    auth: 'member',
    status: 200,
    summary: 'History, newest first.',
    query: transferListQuery,
    response: page(transferSchema),
  },
  getTransfer: {
    method: 'GET',
    path: '/v1/transfers/:transferId',
    auth: 'member',
    status: 200,
    summary: 'One transfer of mine.',
    params: transferId,
    response: transferSchema,
  },
  getReceiptVerification: {
    method: 'GET',
    path: '/v1/transfers/:transferId/verification',
    auth: 'member',
    status: 200,
    summary: 'What proves a final transfer to anyone.',
    params: transferId,
    response: receiptVerificationSchema,
  },
  requestCharge: {
    method: 'POST',
    path: '/v1/charges',
    auth: 'member',
    status: 201,
    isIdempotent: true,
    summary: 'Ask for an account number and a deposit code. The Idempotency-Key becomes the chargeId.',
    body: requestChargeBody,
    response: chargeSchema,
  },
  listCharges: {
    method: 'GET',
    path: '/v1/charges',
    auth: 'member',
    status: 200,
    summary: 'My charges, newest first.',
    query: pageQuery,
    response: page(chargeSchema),
  },
  getCharge: {
    method: 'GET',
    path: '/v1/charges/:chargeId',
    auth: 'member',
    status: 200,
    summary: 'One charge of mine.',
    params: chargeId,
    response: chargeSchema,
  },
  cancelCharge: {
    method: 'POST',
    path: '/v1/charges/:chargeId/cancel',
    auth: 'member',
    status: 200,
    summary: 'Cancel a charge that is not paid yet.',
    params: chargeId,
    response: chargeSchema,
  },
  bankNotice: {
    method: 'POST',
    path: '/v1/bank/notices',
    auth: 'bank',
    status: 204,
    summary: 'A deposit has arrived. Signed by the bank; told again without effect.',
    body: bankNoticeBody,
    response: empty,
  },
  listTokens: {
    method: 'GET',
    path: '/v1/tokens',
    auth: 'public',
    status: 200,
    summary: 'The tokens of this platform.',
    response: z.object({ items: z.array(tokenSchema) }),
  },
  operatorShowToken: {
    method: 'GET',
    path: '/v1/operator/tokens/:symbol',
    auth: 'operator',
    status: 200,
    summary: 'One token with its place on the chain.',
    params: symbol,
    response: operatorTokenSchema,
  },
  operatorCreateToken: {
    method: 'POST',
    path: '/v1/operator/tokens',
    auth: 'operator',
    status: 202,
    isIdempotent: true,
    summary: 'Create an SCT-20 token whose supply goes to the reserve.',
    body: createTokenBody,
    response: tokenOperationSchema,
  },
  operatorMint: {
    method: 'POST',
    path: '/v1/operator/tokens/:symbol/mint',
    auth: 'operator',
    status: 202,
    isIdempotent: true,
    summary: 'Mint into the reserve.',
    params: symbol,
    body: changeSupplyBody,
    response: tokenOperationSchema,
  },
  operatorBurn: {
    method: 'POST',
    path: '/v1/operator/tokens/:symbol/burn',
    auth: 'operator',
    status: 202,
    isIdempotent: true,
    summary: 'Burn from the reserve.',
    params: symbol,
    body: changeSupplyBody,
    response: tokenOperationSchema,
  },
  operatorPause: {
    method: 'POST',
    path: '/v1/operator/tokens/:symbol/pause',
    auth: 'operator',
    status: 202,
    isIdempotent: true,
    summary: 'Pause all transfers of a token.',
    params: symbol,
    body: reasonBody,
    response: tokenOperationSchema,
  },
  operatorUnpause: {
    method: 'POST',
    path: '/v1/operator/tokens/:symbol/unpause',
    auth: 'operator',
    status: 202,
    isIdempotent: true,
    summary: 'Resume transfers of a token.',
    params: symbol,
    body: reasonBody,
    response: tokenOperationSchema,
  },
  operatorGetTokenOperation: {
    method: 'GET',
    path: '/v1/operator/token-operations/:operationId',
    auth: 'operator',
    status: 200,
    summary: 'How far an operation on a token is.',
    params: z.object({ operationId: z.uuid() }),
    response: tokenOperationSchema,
  },
  scanOverview: {
    method: 'GET',
    path: '/v1/scan',
    auth: 'public',
    status: 200,
    summary: 'The newest blocks and transactions, and how the chain is doing.',
    response: scanOverviewSchema,
  },
  scanSearch: {
    method: 'GET',
    path: '/v1/scan/search',
    auth: 'public',
    status: 200,
    summary: 'What a text may mean: a block number, a hash, a SymID, a contract, or the beginning of a token’s name.',
    query: z.object({ q: z.string().trim().min(1).max(80) }),
    response: scanSearchSchema,
  },
  scanBlocks: {
    method: 'GET',
    path: '/v1/scan/blocks',
    auth: 'public',
    status: 200,
    summary: 'Blocks, newest first.',
    query: pageQuery,
    response: page(scanBlockSchema),
  },
  scanBlock: {
    method: 'GET',
    path: '/v1/scan/blocks/:number',
    auth: 'public',
    status: 200,
    summary: 'One block with a page of its transactions.',
    params: z.object({ number: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER) }),
    query: pageQuery,
    response: scanWholeBlockSchema,
  },
  scanTransactions: {
    method: 'GET',
    path: '/v1/scan/transactions',
    auth: 'public',
    status: 200,
    summary: 'Transactions, newest first.',
    query: pageQuery,
    response: page(scanTransactionSchema),
  },
  scanTransaction: {
    method: 'GET',
    path: '/v1/scan/transactions/:hash',
    auth: 'public',
    status: 200,
    summary: 'One transaction.',
    params: z.object({ hash: z.string().regex(/^0x[0-9a-f]{64}$/) }),
    response: scanWholeTransactionSchema,
  },
  scanAccount: {
    method: 'GET',
    path: '/v1/scan/accounts/:symId',
    auth: 'public',
    status: 200,
    summary: 'One SymID: balances and history.',
    params: z.object({ symId: z.string().regex(/^0x[0-9a-f]{20}$/) }),
    query: pageQuery,
    response: scanAccountSchema,
  },
  scanTokens: {
    method: 'GET',
    path: '/v1/scan/tokens',
    auth: 'public',
    status: 200,
    summary: 'Token contracts, those with the most holders first.',
    query: pageQuery,
    response: page(scanTokenRowSchema),
  },
  scanToken: {
    method: 'GET',
    path: '/v1/scan/tokens/:contract',
    auth: 'public',
    status: 200,
    summary: 'One token contract: facts and calls.',
    params: contract,
    query: pageQuery,
    response: scanTokenSchema,
  },
  scanHolders: {
    method: 'GET',
    path: '/v1/scan/tokens/:contract/holders',
    auth: 'public',
    status: 200,
    summary: 'Who holds a token, those with the most first.',
    params: contract,
    query: pageQuery,
    response: page(scanHolderSchema),
  },
} as const satisfies Record<string, RouteDefinition>;

export type Routes = typeof routes;
export type RouteName = keyof Routes;
