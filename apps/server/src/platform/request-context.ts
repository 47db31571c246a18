/** Which HTTP request the running code works for: only to write its id beside what it does. Nothing decides by it. */
import { AsyncLocalStorage } from 'node:async_hooks';

const requests = new AsyncLocalStorage<string>();

/** Runs `work` for a request. `id`: lowercase hex. */
export const inRequest = <T>(id: string, work: () => Promise<T>): Promise<T> => requests.run(id, work);

/** The id of the present request; empty outside of one. */
export const requestId = (): string => requests.getStore() ?? '';
