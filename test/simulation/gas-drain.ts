/**
 * Sybil wallets against the gas budgets (INV-10): a crowd of members without coin sends dust in circles for a day, pays while the
 * token is paused so that it is reverted, asks again when it is refused, and tries to pay themselves. Some ask all the time, some
 * try nothing but paying themselves. Members with coin of their own pay now and then among them.
 */
import { GAS_POLICY, gasLimits, paymentFee } from '../../apps/server/src/transfers/gas-policy.ts';
import { reconcilePlatformGas } from '../../apps/server/src/transfers/index.ts';
import {
  checkAlarm,
  checkBudgets,
  checkSelfPayments,
  grantedByDay,
  type AlarmTimes,
  type GasScene,
} from './oracle/gas.ts';
import { letGo, pauseOnce } from './people/pause.ts';
import { Network } from './people/network.ts';
import { requestPayment } from './people/request-payment.ts';
import { payOneself, SELF_WAYS, type SelfWay } from './people/self-payer.ts';
import type { Reply } from './people/told.ts';
import { SimulatedServer } from './server.ts';
import type { Platform, SimulatedMember } from './platform.ts';
import { openImage, PIN, setUp } from './setup.ts';
import { surround, type Surroundings } from './surroundings.ts';
import { expectRule } from './violation.ts';

export interface DrainOptions {
  seed: string;
  wallets: number;
  /** Virtual time. */
  hours: number;
  /** Statements that change the schema, to see the checks find it. */
  sqlMutation?: string | undefined;
  /** Called after each virtual hour: a thousand wallets take minutes. */
  onHour?: (progress: DrainProgress) => void;
}

export interface DrainProgress {
  hour: number;
  attempts: number;
  steps: number;
}

export interface DrainResult {
  hash: string;
  steps: number;
  attempts: number;
  /** Base units granted on each day (UTC), and what a day may have. */
  grantedByDay: Map<string, bigint>;
  dayBudget: bigint;
  /** Payments that the chain has refused. */
  reverted: number;
  /** Payments with coin of their own that were accepted after the budget had ended. */
  honestPayments: number;
  /** Payments to oneself that were tried and refused, by way. */
  selfPayments: ReadonlyMap<SelfWay, number>;
  /** Null where no budget of a day came near its end. */
  alarm: AlarmTimes | null;
  treasuryLowest: bigint;
  floor: bigint;
}

const HONEST = 5;
/** Sybils that ask every minute: the budget of each member stops them. */
const GREEDY = 3;
/** Sybils that try nothing but paying themselves. */
const SELFISH = 2;
/** Once in so many acts any other sybil tries that before. */
const SELF_EVERY = 4;
const DUST = 1n;
/** Acts of each in the whole time: what a sybil wants is more than its share of the budget. */
const SYBIL_ACTS = 40;
const GREEDY_ACTS = 300;
const HONEST_ACTS = 6;
const HONEST_TRIES = 60;
/** Payments a day: of one member, and of all together for each sybil. Filling a wallet up takes 20. */
const MEMBER_DAY = 25;
const DAY_SHARE = 22;
const PAUSES = 8;
/** Sybils that pay at the moment of a pause. */
const RUSH = 100;
/** Slower than they are, so that the alarm comes later than it would. */
const TIMER_FACTOR = 40;
/** Longer than they are: the same payments need fewer of them, and nobody hears of a new block as soon. */
const BLOCK_MS = 4_000;
/** Hours after which the planner learns how large the tables are. Later it would read only a part of them, which one is chance. */
const ANALYZE_AT = [1, 2, 4, 8];
/** Between two looks at the treasury. */
const LOOK_STEPS = 2_000;
const HOUR_MS = 3_600_000;

/** Runs it and checks every bound. Throws a `Violation`. */
export async function drainGas({ wallets, sqlMutation, ...options }: DrainOptions): Promise<DrainResult> {
  const memberCount = wallets + HONEST;
  const image = await setUp({ memberCount, withTokens: memberCount, withCoin: HONEST, payeeCount: 1 });
  const platform = await openImage(image, sqlMutation);
  // Those with coin got theirs on the same day.
  const dayPayments = DAY_SHARE * (wallets - SELFISH) + HONEST * GAS_POLICY.member.target;
  const gas = { memberDayPayments: MEMBER_DAY, dayPayments, treasuryFloorPayments: 1_000 };
  return await new Drain(platform, { ...options, gas }).run();
}

class Drain {
  readonly platform: Platform;
  readonly surroundings: Surroundings;
  readonly #network: Network;
  readonly #server: SimulatedServer;
  readonly #endMs: number;
  readonly #scene: GasScene;
  readonly #onHour: (progress: DrainProgress) => void;
  #attempts = 0;
  #honest = 0;
  readonly #selfKeys: string[] = [];
  readonly #selfPayments = new Map<SelfWay, number>();
  #refusedAtMs: number | null = null;
  #lowest: bigint | undefined;
  #failure: Error | undefined;
  #keysMade = 0;

  constructor(
    platform: Platform,
    { seed, hours, gas, onHour }: Pick<DrainOptions, 'seed' | 'hours' | 'onHour'> & { gas: Platform['config']['gas'] },
  ) {
    this.platform = platform;
    this.surroundings = surround({
      ...{ seed: `gas drain ${seed}`, index: 0, kill: () => undefined, timerFactor: TIMER_FACTOR },
      ...{ wire: platform.wire, config: { ...platform.config, gas }, secrets: platform.secrets, node: platform.chain },
      defect: (error) => this.#fail(error),
    });
    this.surroundings.node.rules.blockMs = BLOCK_MS;
    this.#server = new SimulatedServer(this.surroundings, 'server', `drain ${seed}`);
    this.#network = new Network(this.surroundings, () => [this.#server]);
    this.#endMs = hours * HOUR_MS;
    this.#onHour = onHour ?? (() => undefined);
    const fee = paymentFee(this.#server.deps.chain, platform.treasury);
    this.#scene = { platform, surroundings: this.surroundings, limits: gasLimits(gas, fee), fee };
  }

  async run(): Promise<DrainResult> {
    const { scheduler, gate, wire } = this.surroundings;
    await this.#until(reconcilePlatformGas(this.#server.deps));
    wire.asOwner('analyze');
    this.#server.startJobs();
    for (const [index, member] of this.platform.members.entries()) this.#begin(this.#lifeOf(index, member));
    this.#begin(this.#pauses());
    let lookAt = 0;
    for (let hour = 0; scheduler.elapsedMs < this.#endMs;) {
      await this.#step();
      if (!gate.isQuiet) continue;
      if (scheduler.elapsedMs >= (hour + 1) * HOUR_MS) this.#passHour(++hour);
      if (scheduler.steps < lookAt) continue;
      lookAt = scheduler.steps + LOOK_STEPS;
      this.#look();
    }
    // Nothing that was begun may hide from the checks.
    while (!gate.isQuiet) await this.#step();
    this.#look();
    return this.#result();
  }

  #passHour(hour: number): void {
    const { scheduler, wire } = this.surroundings;
    // PGlite sees to neither by itself. The log of a day, which nobody needs, would not fit into memory.
    wire.asOwner('checkpoint');
    if (ANALYZE_AT.includes(hour)) wire.asOwner('analyze');
    this.#onHour({ hour, attempts: this.#attempts, steps: scheduler.steps });
  }

  #lifeOf(index: number, member: SimulatedMember): Promise<void> {
    const { members } = this.platform;
    const payee = members[(index + 1) % members.length]!;
    const acquaintance = members.at(index - 1)!;
    if (index < HONEST) return this.#payHonestly({ member, payee });
    if (this.#selfish().includes(member)) return this.#payOnlyOneself({ member, acquaintance });
    const acts = index < HONEST + GREEDY ? GREEDY_ACTS : SYBIL_ACTS;
    return this.#drain({ member, payee, acquaintance, everyMs: this.#endMs / acts });
  }

  #selfish(): SimulatedMember[] {
    return this.platform.members.slice(HONEST + GREEDY, HONEST + GREEDY + SELFISH);
  }

  async #payHonestly(pair: { member: SimulatedMember; payee: SimulatedMember }): Promise<void> {
    const { scheduler, outside } = this.surroundings;
    const { name } = pair.member;
    for (;;) {
      await this.#rest(name, this.#endMs / HONEST_ACTS);
      const key = this.newKey();
      let reply = await this.#pay(key, pair);
      // They try again for a moment; the token may be paused.
      for (let tries = 0; reply.kind !== 'answer' && tries < HONEST_TRIES; tries++) {
        expectRule(
          reply.kind !== 'refused' || reply.code !== 'service-busy',
          'INV-10',
          () => `${name} has coin of their own and is refused`,
        );
        await scheduler.sleep(5_000, outside, `${name} waits`);
        reply = await this.#pay(key, pair);
      }
      expectRule(reply.kind === 'answer', 'INV-10', () => `${name} cannot pay: ${JSON.stringify(reply)}`);
      if (this.#refusedAtMs !== null) this.#honest++;
    }
  }

  async #drain(life: {
    member: SimulatedMember;
    payee: SimulatedMember;
    acquaintance: SimulatedMember;
    everyMs: number;
  }): Promise<void> {
    const { random } = this.surroundings.scheduler;
    for (;;) {
      await this.#rest(life.member.name, life.everyMs);
      if (random.oneIn(SELF_EVERY)) await this.#payOneself({ ...life, way: random.pick(SELF_WAYS) });
      await this.#pay(this.newKey(), life);
    }
  }

  async #payOnlyOneself(pair: { member: SimulatedMember; acquaintance: SimulatedMember }): Promise<void> {
    for (let act = 0; ; act++) {
      await this.#rest(pair.member.name, this.#endMs / SYBIL_ACTS);
      await this.#payOneself({ ...pair, way: SELF_WAYS[act % SELF_WAYS.length]! });
    }
  }

  async #rest(name: string, usualMs: number): Promise<void> {
    const { scheduler, outside } = this.surroundings;
    await scheduler.sleep(usualMs * (0.5 + scheduler.random.below(1_000) / 1_000), outside, `${name} rests`);
  }

  async #payOneself(input: { member: SimulatedMember; acquaintance: SimulatedMember; way: SelfWay }): Promise<void> {
    const { member: payer, acquaintance, way } = input;
    const key = this.newKey();
    this.#selfKeys.push(key);
    await payOneself({ network: this.#network, way, payer, acquaintance, key, symbol: this.platform.token.symbol });
    this.#selfPayments.set(way, (this.#selfPayments.get(way) ?? 0) + 1);
  }

  async #pay(key: string, { member, payee }: { member: SimulatedMember; payee: SimulatedMember }): Promise<Reply> {
    this.#attempts++;
    const order = { payeeId: member.payeeIds.get(payee.id)!, maskedName: payee.maskedName };
    const input = { key, payer: member, ...order, amount: DUST, pin: PIN, symbol: this.platform.token.symbol };
    return await this.#network.ask(`dust ${member.name}`, (deps) =>
      requestPayment(deps, input).catch((error: unknown) => {
        const { cause } = error as Error;
        if (cause instanceof Error && cause.message.includes('budget of the day for all'))
          this.#refusedAtMs ??= this.surroundings.scheduler.nowMs;
        throw error;
      }),
    );
  }

  /** Payments that are on their way when the token stops are reverted: each has cost its gas. Some sybils know the moment. */
  async #pauses(): Promise<void> {
    const { scheduler, outside } = this.surroundings;
    const act = { surroundings: this.surroundings, network: this.#network, symbol: this.platform.token.symbol };
    for (;;) {
      await scheduler.sleep(this.#endMs / PAUSES, outside, 'the operator rests');
      const rush = this.#someSybils().map((pair) => this.#pay(this.newKey(), pair));
      await Promise.all([pauseOnce(act, () => this.newKey()), ...rush]);
      await scheduler.sleep(10_000, outside, 'a pause');
      await letGo(act, () => this.newKey());
    }
  }

  #someSybils(): { member: SimulatedMember; payee: SimulatedMember }[] {
    const { members } = this.platform;
    const first = HONEST + GREEDY + SELFISH;
    const count = members.length - first;
    const from = this.surroundings.scheduler.random.below(count);
    return Array.from({ length: Math.min(RUSH, count) }, (_, step) => {
      const index = first + ((from + step) % count);
      return { member: members[index]!, payee: members[(index + 1) % members.length]! };
    });
  }

  newKey(): string {
    return `00000000-0000-7000-8000-${(++this.#keysMade).toString(16).padStart(12, '0')}`;
  }

  #begin(life: Promise<void>): void {
    life.catch((error: unknown) => this.#fail(error));
  }

  #fail(error: unknown): void {
    this.#failure ??= error instanceof Error ? error : new Error(String(error));
  }

  async #step(): Promise<void> {
    expectRule(await this.surroundings.scheduler.step(), 'simulation', () => 'nothing is left to happen');
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #until<T>(work: Promise<T>): Promise<T> {
    let isDone = false;
    const end = () => void (isDone = true);
    work.then(end, end);
    while (!isDone) await this.#step();
    return await work;
  }

  #look(): void {
    const treasury = checkBudgets(this.#scene);
    if (this.#lowest === undefined || treasury < this.#lowest) this.#lowest = treasury;
  }

  #result(): DrainResult {
    const { scheduler, wire } = this.surroundings;
    this.#server.die();
    checkSelfPayments(this.#scene, { keys: this.#selfKeys, selfish: this.#selfish() });
    for (const way of SELF_WAYS)
      expectRule(this.#selfPayments.has(way), 'simulation', () => `nobody has tried to pay themselves by ${way}`);
    const [transfers] = wire.rows<{ reverted: number }>(
      `select count(*)::int as reverted from transfers where state = 'reverted'`,
    );
    return {
      hash: scheduler.trace.digest(),
      steps: scheduler.steps,
      attempts: this.#attempts,
      grantedByDay: grantedByDay(wire),
      dayBudget: this.#scene.limits.day,
      reverted: transfers!.reverted,
      honestPayments: this.#honest,
      selfPayments: this.#selfPayments,
      alarm: checkAlarm(this.#scene, this.#refusedAtMs),
      treasuryLowest: this.#lowest!,
      floor: this.#scene.limits.floor,
    };
  }
}
