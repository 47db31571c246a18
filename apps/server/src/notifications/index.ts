/** Live events. Fed by the event outbox, so no module imports this one. */
export { eventRoutes, type NotificationDoors, type StreamContext } from './routes.ts';
export { createStreams, type Streams } from './streams.ts';
export { deleteEventsBefore } from './store.ts';
export { deliverWebhooksJob } from './webhooks/deliver-job.ts';
export { webhookRoutes } from './webhooks/routes.ts';
export { sweepWebhooks } from './webhooks/sweep.ts';
