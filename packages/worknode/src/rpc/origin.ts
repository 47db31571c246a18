/** Who may speak to a service that asks nobody who he is: not a page of another origin, and on loopback only who names loopback. */
import type { IncomingMessage } from 'node:http';

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '::1', '[::1]']);

/** True for a name of this machine to itself, without a port. */
export const isLoopback = (host: string): boolean => LOOPBACK.has(host);

/** Why a request is refused: a page that has rebound its own name to 127.0.0.1 still sends that name. */
export function hostRefusal(listeningOn: string, { headers }: IncomingMessage): string | undefined {
  if (!isLoopback(listeningOn) || isLoopback(hostName(headers.host))) return undefined;
  return 'Expected a request to a loopback name (127.0.0.1, localhost), got one to another host.';
}

/** Why a WebSocket is refused: browsers open one to anywhere and say only where the page is from. Programs send no origin, or the node's own. */
export function originRefusal({ headers }: IncomingMessage): string | undefined {
  const { origin, host } = headers;
  if (origin === undefined || origin === `http://${host}` || origin === `https://${host}`) return undefined;
  return 'Expected a WebSocket from a program or from the node’s own origin, got one from a page of another origin.';
}

const hostName = (header = ''): string => header.replace(/:[0-9]*$/, '').toLowerCase();
