/** Loopback ports for the embedded parts. */
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

/** A port that is free now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === 'string') reject(new Error('Expected a TCP address.'));
        else resolve(address.port);
      });
    });
  });
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
