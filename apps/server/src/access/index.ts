/** Join, log in, unlock, log out: the one place where person, identity and key meet. */
export { accessRoutes } from './routes.ts';
export { meOf } from './me.ts';
