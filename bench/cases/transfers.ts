/** Payments between members of a whole throw-away instance: accepted per second, time to final, and what each costs. */
import { readFileSync } from 'node:fs';
import { systemClock } from '@jigeum/std';
import pg from 'pg';
import { readCliConfig } from '../../apps/cli/src/config.ts';
import { startInstance, type Instance } from '../../apps/cli/src/embedded/instance.ts';
import { newKey } from '../../apps/cli/src/person.ts';
import { newFolder } from '../../test/instance.ts';
import type { BenchCase, BenchSetting, CaseReport, Plot } from '../bench-case.ts';
import { startChild } from '../child.ts';
import { startLoadGenerator, type LoadGenerator, type LoadRequest, type LoadTarget } from '../load/generator.ts';
import {
  countStatements,
  databaseCounts,
  loadStatementCounter,
  partTimes,
  type PartTimes,
} from '../payments/counters.ts';
import { fillPast } from '../payments/fill.ts';
import { makePeople, paymentRequests, type BenchPerson } from '../payments/people.ts';
import {
  growthPlot,
  paymentsFigures,
  paymentsSamples,
  reportText,
  type CostOfPayment,
  type GasPhase,
  type GrowthPoint,
  type PayerPhase,
} from '../payments/report.ts';

export const transfers: BenchCase = {
  name: 'transfers',
  explains:
    'payments accepted by the HTTP API until they are final, at 10, 50 and 200 payers at once, with and without gas',
  secondsDefault: 10,
  connectionsDefault: 200,
  connectionsMax: 200,
  run,
};

/** At once. `--connections` leaves out those above it. */
const PAYERS = [10, 50, 200];
/** Who takes turns: enough that nobody pays more often than a shop's till. */
const PEOPLE = 1_000;
/** Without gas, each pays once, in turn with as many who have gas: enough for several blocks, whose edges are the noise. */
const EMPTY = 1_000;
const AT_ONCE = 50;
const WARM_UP_SECONDS = 3;
const GROWTH_SIZES = [1_000, 10_000, 100_000, 1_000_000];
const DRAINED_WITHIN_MS = 60_000;
const POLL_MS = 50;
const ACCEPTED = 202;
const KEY_HEADER = 'idempotency-key';

interface Bench {
  readonly instance: Instance;
  readonly owner: pg.Client;
  readonly generator: LoadGenerator;
  readonly target: Omit<LoadTarget, 'requests'>;
  readonly pidOf: (part: keyof PartTimes) => number;
}

async function run(setting: BenchSetting): Promise<CaseReport> {
  const { closing, say, seconds, connections, transactions } = setting;
  const generator = await startLoadGenerator();
  closing.defer(() => generator.stop());
  const dataDir = newFolder('jigeum-bench-');
  const instance = await startInstance({
    config: readCliConfig(),
    ...{ dataDir, port: 0, blockMs: 1_000, hasWeb: false },
    say: () => undefined,
    serverEnv:
      setting.profileFolder === undefined ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${setting.profileFolder}` },
  });
  closing.defer(instance.stop);
  const pidOf = (part: string): number => {
    const pid = instance.children.get(part)?.pid();
    if (pid === undefined) throw new Error(`Expected a running part ${part}, got none.`);
    return pid;
  };
  await loadStatementCounter(() => connectOwner(instance));
  await untilReady(instance.places.webUrl);
  const owner = await connectOwner(instance);
  closing.defer(() => owner.end());

  say(`Making ${PEOPLE + EMPTY} members …`);
  const everybody = await makePeople(owner, dataDir, [
    { count: PEOPLE, hasGas: true },
    { count: EMPTY, hasGas: false },
  ]);
  const people = everybody.filter(({ hasGas }) => hasGas);
  const empty = everybody.filter(({ hasGas }) => !hasGas);
  const requests = await paymentRequests(owner, people);
  const emptyRequests = await paymentRequests(owner, empty);
  await owner.query('analyze');
  const origin = new URL(instance.places.webUrl).origin;
  const target = {
    kind: 'same',
    origin,
    freshKeyHeader: KEY_HEADER,
    expectedStatus: ACCEPTED,
    isInTurn: true,
  } as const;
  const bench: Bench = { instance, owner, generator, target, pidOf };

  const answer = await firstAnswer(origin, requests[0]!);
  const bare = await startChild<{ origin: string }>(new URL('../programs/bare-server.ts', import.meta.url), [
    ...[String(ACCEPTED), answer.contentType, answer.text],
  ]);
  closing.defer(bare.stop);

  say('Warming up …');
  await pay(bench, { requests, connections: AT_ONCE, seconds: WARM_UP_SECONDS });
  const phases: PayerPhase[] = [];
  for (const payers of PAYERS.filter((count) => count <= connections)) {
    say(`${payers} payers for ${seconds} s …`);
    const reference = await generator.run({
      target: { ...target, origin: bare.ready.origin, requests },
      connections: payers,
      seconds: Math.min(seconds, WARM_UP_SECONDS),
    });
    phases.push({
      payers,
      bareRate: reference.samplesMs.length / (reference.elapsedMs / 1_000),
      ...(await pay(bench, { requests, connections: payers, seconds })),
    });
  }

  say('Counting statements …');
  await countStatements(owner, true);
  const counted = await pay(bench, { requests, connections: AT_ONCE, seconds: WARM_UP_SECONDS });
  await countStatements(owner, false);

  say(`${EMPTY} payers without gas by turns with ${EMPTY} who have some …`);
  const mixed = empty.flatMap((_, index) => [requests[index]!, emptyRequests[index]!]);
  const gas = await gasPhase(bench, mixed, empty);

  const growth: GrowthPoint[] = [];
  for (const past of GROWTH_SIZES.filter((size) => size <= transactions)) {
    say(`Filling up to ${past} past payments …`);
    await fillPast(owner, { past, people: everybody });
    // The first touch of each page after a checkpoint costs more than all later ones.
    await pay(bench, { requests, connections: AT_ONCE, seconds: WARM_UP_SECONDS });
    const phase = await pay(bench, { requests, connections: AT_ONCE, seconds });
    growth.push({ past, ...phase });
  }

  const result = { phases, counted, gas, growth };
  return {
    text: reportText(result),
    figures: paymentsFigures(result),
    samples: paymentsSamples(result),
    plots: plotsOf(growth),
    errors: [...phases, counted, ...growth].reduce((sum, phase) => sum + phase.errors, gas.errors),
  };
}

const plotsOf = (growth: readonly GrowthPoint[]): Plot[] => (growth.length < 2 ? [] : [growthPlot(growth)]);

/** A closed loop of payments until the time is over, and then until all of them are final. */
async function pay(
  { owner, generator, target, pidOf }: Bench,
  input: { readonly requests: readonly LoadRequest[]; readonly connections: number; readonly seconds: number },
): Promise<CostOfPayment> {
  const since = await newestPayment(owner);
  const countsBefore = await databaseCounts(owner);
  const timesBefore = partTimes(pidOf);
  const { requests, connections, seconds } = input;
  const result = await generator.run({ target: { ...target, requests }, connections, seconds });
  await untilDrained(owner);
  const timesAfter = partTimes(pidOf);
  const countsAfter = await databaseCounts(owner);
  const count = result.samplesMs.length;
  const finalMs = await durations(owner, since);
  // More is no contradiction: a payment may be accepted and its answer be lost.
  if (finalMs.length < count)
    throw new Error(`Expected ${count} accepted payments to be final, got ${finalMs.length}.`);
  const each = (before: number, after: number): number => (after - before) / finalMs.length;
  return {
    accepted: count,
    errors: result.errors,
    firstError: result.firstError,
    perSecond: count / (result.elapsedMs / 1_000),
    generatorShare: result.generatorShare,
    answerMs: result.samplesMs,
    finalMs,
    cpuMs: {
      server: each(timesBefore.server, timesAfter.server),
      postgres: each(timesBefore.postgres, timesAfter.postgres),
      node: each(timesBefore.node, timesAfter.node),
    },
    statements: each(countsBefore.statements, countsAfter.statements),
    commits: each(countsBefore.commits, countsAfter.commits),
    walSyncs: each(countsBefore.walSyncs, countsAfter.walSyncs),
    walBytes: each(countsBefore.walBytes, countsAfter.walBytes),
    top: countsAfter.top,
  };
}

/** Each pays once: those without gas are without it only then. */
async function gasPhase(bench: Bench, mixed: readonly LoadRequest[], empty: readonly BenchPerson[]): Promise<GasPhase> {
  const { owner, generator, target } = bench;
  const since = await newestPayment(owner);
  const result = await generator.run({
    target: { ...target, isOnce: true, requests: mixed },
    connections: AT_ONCE,
    seconds: DRAINED_WITHIN_MS / 1_000,
  });
  await untilDrained(owner);
  const wallets = empty.map(({ walletId }) => walletId);
  const { rows } = await owner.query<{ grants: number }>(
    `select count(*)::int as grants from gas_grants where reason = 'shortfall' and wallet_id = any($1::uuid[])`,
    [wallets],
  );
  if (rows[0]!.grants < empty.length)
    throw new Error(`Expected a grant of the shortfall for each of ${empty.length}, got ${rows[0]!.grants}.`);
  return {
    errors: result.errors,
    emptyFinalMs: await durations(owner, since, { wallets, isAmong: true }),
    fundedFinalMs: await durations(owner, since, { wallets, isAmong: false }),
  };
}

async function connectOwner(instance: Instance): Promise<pg.Client> {
  const { host, user, database, passwordFile } = instance.ownerDatabase;
  const client = new pg.Client({ host, user, database, password: readFileSync(passwordFile, 'utf8').trim() });
  await client.connect();
  return client;
}

async function untilReady(webUrl: string): Promise<void> {
  const deadlineMs = systemClock.monotonicMs() + DRAINED_WITHIN_MS;
  for (;;) {
    const { ok } = await fetch(`${webUrl}/readyz`);
    if (ok) return;
    if (systemClock.monotonicMs() > deadlineMs) throw new Error('Expected the server to be ready again, it is not.');
    await new Promise((resume) => setTimeout(resume, POLL_MS));
  }
}

/** What the platform answers to a payment: the bare server answers the same. */
async function firstAnswer(origin: string, request: LoadRequest): Promise<{ contentType: string; text: string }> {
  const response = await fetch(new URL(request.path, origin), {
    method: 'POST',
    headers: { ...request.headers, [KEY_HEADER]: newKey() },
    body: Buffer.from(request.body),
  });
  const text = await response.text();
  if (response.status !== ACCEPTED)
    throw new Error(`Expected status ${ACCEPTED} for a payment, got ${response.status}: ${text}`);
  return { contentType: response.headers.get('content-type') ?? 'application/json', text };
}

/** Every payment has become final. Throws when one was reverted or takes too long. */
async function untilDrained(owner: pg.Client): Promise<void> {
  const deadlineMs = systemClock.monotonicMs() + DRAINED_WITHIN_MS;
  for (;;) {
    // Asked of the outbox, whose index holds only what is under way.
    const { rows } = await owner.query<{ count: number }>(
      `select count(*)::int as count from chain_outbox where state in ('gas_wait', 'signed', 'broadcast')`,
    );
    const count = rows[0]!.count;
    if (count === 0) return;
    if (systemClock.monotonicMs() > deadlineMs)
      throw new Error(`Expected everything to be final within ${DRAINED_WITHIN_MS / 1000} s, ${count} are not.`);
    await new Promise((resume) => setTimeout(resume, POLL_MS));
  }
}

async function newestPayment(owner: pg.Client): Promise<Date> {
  const { rows } = await owner.query<{ at: Date }>('select clock_timestamp() as at');
  return rows[0]!.at;
}

/** Of the payments asked for since then: milliseconds until final, by the server's clock. Throws where one was reverted. */
async function durations(
  owner: pg.Client,
  since: Date,
  of?: { readonly wallets: readonly string[]; readonly isAmong: boolean },
): Promise<Float64Array> {
  const { rows } = await owner.query<{ ms: number; state: string }>(
    `select extract(epoch from final_at - requested_at)::float8 * 1000 as ms, state from transfers
     where kind = 'payment' and requested_at >= $1 and ($2::uuid[] is null or (payer_wallet_id = any($2)) = $3)`,
    [since, of?.wallets ?? null, of?.isAmong ?? null],
  );
  const other = rows.find(({ state }) => state !== 'final');
  if (other !== undefined) throw new Error(`Expected every payment to be final, one is ${other.state}.`);
  return Float64Array.from(rows, ({ ms }) => ms);
}
