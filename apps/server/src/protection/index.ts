/** What stops outflow: frozen wallets, stops of a token or of the platform; and the operator's view of alarms. */
export { refuseStoppedOutflow, stoppedRefusal } from './refuse-stopped.ts';
export { isStoppedBy, waitForSigners } from './stops.ts';
export { recordStop, type StopScope } from './stop-outflow.ts';
export { protectionRoutes } from './routes.ts';
