/** What can be moved: the platform's tokens, their decimals, worth and state. */
export { movableToken, movableTokenById, requireMovable, tokenView, type TokenRow } from './token.ts';
export { listTokens } from './token.ts';
export { findToken, findTokens, insertToken } from './store.ts';
export { tokenRoutes } from './routes.ts';
