/** /healthz: this process answers. /readyz: it can serve a payment now. /metrics: figures for Prometheus. */
import type { FastifyInstance } from 'fastify';
import type { PlatformDeps } from './deps.ts';

/** One thing that readiness needs. Throws or answers a sentence when it does not hold; null when it does. */
export interface ReadinessCheck {
  name: string;
  check(): Promise<string | null>;
}

/** A check that does not answer in time does not hold. */
const CHECK_MS = 2_000;

/** Registers the three routes. They are for the machine's operator: a reverse proxy need not publish them. */
export function mountHealth(
  app: FastifyInstance,
  deps: Pick<PlatformDeps, 'metrics' | 'log'>,
  checks: readonly ReadinessCheck[],
): void {
  app.get('/healthz', async (_request, reply) => reply.header('cache-control', 'no-store').send({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    const results = await Promise.all(checks.map((each) => answerOf(deps, each)));
    const isReady = results.every((result) => result.problem === null);
    return reply
      .code(isReady ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({
        status: isReady ? 'ready' : 'not-ready',
        checks: Object.fromEntries(results.map((result) => [result.name, result.problem ?? 'ok'])),
      });
  });
  app.get('/metrics', async (_request, reply) => {
    const { contentType, body } = await deps.metrics.text();
    return reply.header('content-type', contentType).header('cache-control', 'no-store').send(body);
  });
}

async function answerOf(
  deps: Pick<PlatformDeps, 'log'>,
  each: ReadinessCheck,
): Promise<{ name: string; problem: string | null }> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`Expected an answer within ${CHECK_MS} ms.`), CHECK_MS);
  });
  try {
    return { name: each.name, problem: await Promise.race([each.check(), late]) };
  } catch (error) {
    deps.log.warn('A readiness check has failed.', { kind: each.name, error });
    return { name: each.name, problem: 'It does not answer.' };
  } finally {
    clearTimeout(timer);
  }
}
