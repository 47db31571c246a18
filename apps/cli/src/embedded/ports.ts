/** Loopback ports for the embedded parts. */
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { Refusal } from '../refusal.ts';

/** Throws a `Refusal` when something listens on the port already. */
export async function requireFreePort(port: number, what: string): Promise<void> {
  if (!(await canListen(port))) {
    throw new Refusal(
      `Port ${port} (${what}) is in use by another program. Stop that program, or choose other ports: npm start -- --port ${port + 100}`,
    );
  }
}

/** Below the ports that a system takes for outgoing connections (from 32768 on Linux, 49152 elsewhere), above those that browsers refuse. */
const FIRST_PORT = 11_000;
const LAST_PORT = 32_000;
const PLACES_TRIED = 100;

/**
 * So many ports in a row that are free now. No connection that starts meanwhile can take one of them, nor one of a part
 * that is down for a moment: only a program that asks for that very port could.
 */
export async function freePorts(
  count: number,
  place: () => number = () => randomInt(FIRST_PORT, LAST_PORT - count),
): Promise<number[]> {
  for (let tried = 0; tried < PLACES_TRIED; tried++) {
    const first = place();
    const ports = Array.from({ length: count }, (_, offset) => first + offset);
    const free = await Promise.all(ports.map(canListen));
    if (free.every(Boolean)) return ports;
  }
  throw new Refusal(
    `Found no ${count} free ports in a row from ${FIRST_PORT} to ${LAST_PORT} in ${PLACES_TRIED} tries. Choose them yourself: npm start -- --port 8080`,
  );
}

/** One port that is free now, and stays it as those of `freePorts` do. */
export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  return port!;
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
