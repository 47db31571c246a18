/** What stops outflow: frozen wallets, stops of a token or of the platform; and the operator's view of alarms. */
export { refuseStoppedOutflow, stoppedRefusal } from './refuse-stopped.ts';
export { isPlatformStopped, isQuarantined, waitForSigners } from './stops.ts';
export { liftQuarantine, liftStopsOf, recordStop, type StopScope } from './stop-outflow.ts';
export { protectionRoutes } from './routes.ts';
