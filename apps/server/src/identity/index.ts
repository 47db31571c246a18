/** Real-name verification. */
export { confirmCheck, resendCheck, startCheck } from './run-check.ts';
export { consumeCheck, hasVerifiedCheck, verifiedPerson, type VerifiedPerson } from './join-with-check.ts';
export { identityRoutes } from './routes.ts';
