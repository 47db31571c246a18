/** What can be moved: the platform's tokens, their decimals, worth and state. */
export { listTokens, movableToken, movableTokenById, tokenView, type MovableToken, type TokenRow } from './token.ts';
export { findToken, findTokenById, insertToken } from './store.ts';
export { tokenRoutes } from './routes.ts';
