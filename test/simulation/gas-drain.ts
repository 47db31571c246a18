/**
 * Sybil wallets against the gas budgets (INV-10): a crowd of members without coin sends dust in circles for a day, pays while the
 * token is paused so that it is reverted, and asks again when it is refused. Some ask all the time. Members with coin of their own
 * pay now and then among them.
 */
import { GAS_POLICY, gasLimits, paymentFee } from '../../apps/server/src/transfers/gas-policy.ts';
import { reconcilePlatformGas } from '../../apps/server/src/transfers/index.ts';
import { letGo, pauseOnce } from './people/pause.ts';
import { Network } from './people/network.ts';
import { requestPayment } from './people/request-payment.ts';
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
}

export interface DrainResult {
  hash: string;
  steps: number;
  attempts: number;
  /** Base units granted on each day (UTC), and what a day may have. */
  grantedByDay: Map<string, bigint>;
  dayBudget: bigint;
  /** Payments with coin of their own that were accepted after the budget had ended. */
  honestPayments: number;
  /** From the first refusal to the alarm; negative where the alarm was first. Null where the budget held out. */
  alarmAfterMs: number | null;
  treasuryLowest: bigint;
  floor: bigint;
}

const HONEST = 5;
/** Sybils that ask every minute: the budget of each member stops them. */
const GREEDY = 3;
const DUST = 1n;
/** Acts of each in the whole time: what a sybil wants is more than its share of the budget. */
const SYBIL_ACTS = 40;
const GREEDY_ACTS = 300;
const HONEST_ACTS = 6;
/** Payments a day: of one member, and of all together for each sybil. Filling a wallet up takes 20. */
const MEMBER_DAY = 25;
const DAY_SHARE = 22;
const PAUSES = 8;
const ALARM_MS = 60_000;
/** Slower than they are, so that the alarm comes later than it would. */
const TIMER_FACTOR = 40;
/** Between two looks at the treasury. */
const LOOK_STEPS = 2_000;
const HOUR_MS = 3_600_000;

/** Runs it and checks every bound. Throws a `Violation`. */
export async function drainGas({ seed, wallets, hours }: DrainOptions): Promise<DrainResult> {
  const memberCount = wallets + HONEST;
  const image = await setUp({ memberCount, withTokens: memberCount, withCoin: HONEST, payeeCount: 1 });
  const platform = await openImage(image);
  // Those with coin got theirs on the same day.
  const dayPayments = DAY_SHARE * wallets + HONEST * GAS_POLICY.member.target;
  const gas = { memberDayPayments: MEMBER_DAY, dayPayments, treasuryFloorPayments: 1_000 };
  return await new Drain(platform, { seed, hours, gas }).run();
}

class Drain {
  readonly platform: Platform;
  readonly surroundings: Surroundings;
  readonly #network: Network;
  readonly #server: SimulatedServer;
  readonly #endMs: number;
  readonly #limits: ReturnType<typeof gasLimits>;
  #attempts = 0;
  #honest = 0;
  #refusedAtMs: number | null = null;
  #lowest: bigint | undefined;
  #failure: Error | undefined;
  #keysMade = 0;

  constructor(
    platform: Platform,
    { seed, hours, gas }: { seed: string; hours: number; gas: Platform['config']['gas'] },
  ) {
    this.platform = platform;
    this.surroundings = surround({
      ...{ seed: `gas drain ${seed}`, index: 0, kill: () => undefined, timerFactor: TIMER_FACTOR },
      ...{ wire: platform.wire, config: { ...platform.config, gas }, secrets: platform.secrets, node: platform.chain },
      defect: (error) => this.#fail(error),
    });
    this.#server = new SimulatedServer(this.surroundings, 'server', `drain ${seed}`);
    this.#network = new Network(this.surroundings, () => [this.#server]);
    this.#endMs = hours * HOUR_MS;
    this.#limits = gasLimits(gas, paymentFee(this.#server.deps.chain, platform.treasury));
  }

  async run(): Promise<DrainResult> {
    const { scheduler, gate } = this.surroundings;
    await this.#until(reconcilePlatformGas(this.#server.deps));
    this.#server.startJobs();
    const { members } = this.platform;
    for (const [index, member] of members.entries()) {
      const payee = members[(index + 1) % members.length]!;
      const isHonest = index < HONEST;
      const acts = isHonest ? HONEST_ACTS : index < HONEST + GREEDY ? GREEDY_ACTS : SYBIL_ACTS;
      this.#begin(this.#live({ member, payee, everyMs: this.#endMs / acts, isHonest }));
    }
    this.#begin(this.#pauses());
    let lookAt = 0;
    while (scheduler.elapsedMs < this.#endMs) {
      await this.#step();
      if (scheduler.steps < lookAt || !gate.isQuiet) continue;
      lookAt = scheduler.steps + LOOK_STEPS;
      this.#look();
    }
    this.#look();
    return this.#result();
  }

  async #live(life: {
    member: SimulatedMember;
    payee: SimulatedMember;
    everyMs: number;
    isHonest: boolean;
  }): Promise<void> {
    const { scheduler, outside } = this.surroundings;
    for (;;) {
      const restMs = life.everyMs * (0.5 + scheduler.random.below(1_000) / 1_000);
      await scheduler.sleep(restMs, outside, `${life.member.name} rests`);
      const key = this.newKey();
      let reply = await this.#pay(key, life);
      // Honest people try again for a moment; the token may be paused.
      for (let tries = 0; life.isHonest && reply.kind !== 'answer' && tries < 60; tries++) {
        expectRule(
          reply.kind !== 'refused' || reply.code !== 'service-busy',
          'INV-10',
          () => `${life.member.name} has coin of their own and is refused`,
        );
        await scheduler.sleep(5_000, outside, `${life.member.name} waits`);
        reply = await this.#pay(key, life);
      }
      if (life.isHonest)
        expectRule(reply.kind === 'answer', 'INV-10', () => `${life.member.name} cannot pay: ${JSON.stringify(reply)}`);
      if (life.isHonest && this.#refusedAtMs !== null) this.#honest++;
    }
  }

  async #pay(key: string, { member, payee }: { member: SimulatedMember; payee: SimulatedMember }): Promise<Reply> {
    this.#attempts++;
    const input = { key, payer: member, payee, amount: DUST, pin: PIN, symbol: this.platform.token.symbol };
    return await this.#network.ask(`dust ${member.name}`, (deps) =>
      requestPayment(deps, input).catch((error: unknown) => {
        const { cause } = error as Error;
        if (cause instanceof Error && cause.message.includes('budget of the day for all'))
          this.#refusedAtMs ??= this.surroundings.scheduler.nowMs;
        throw error;
      }),
    );
  }

  /** Payments that are on their way when the token stops are reverted: each has cost its gas. */
  async #pauses(): Promise<void> {
    const { scheduler, outside } = this.surroundings;
    const act = { surroundings: this.surroundings, network: this.#network, symbol: this.platform.token.symbol };
    for (;;) {
      await scheduler.sleep(this.#endMs / PAUSES, outside, 'the operator rests');
      await pauseOnce(act, () => this.newKey());
      await scheduler.sleep(10_000, outside, 'a pause');
      await letGo(act, () => this.newKey());
    }
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

  /** What the chain has taken from the treasury, and what the rows say was granted. */
  #look(): void {
    const { node, wire } = this.surroundings;
    const treasury = node.state.accounts.get(this.platform.treasury)!.native;
    if (this.#lowest === undefined || treasury < this.#lowest) this.#lowest = treasury;
    expectRule(
      treasury >= this.#limits.floor,
      'INV-10',
      () => `the treasury has ${treasury}, its floor is ${this.#limits.floor}`,
    );
    for (const [day, granted] of this.#grantedByDay())
      expectRule(
        granted <= this.#limits.day,
        'INV-10',
        () => `granted ${granted} on ${day}, the budget is ${this.#limits.day}`,
      );
    const [member] = wire.rows<{ wallet_id: string; granted: string }>(`
      select g.wallet_id, sum(g.amount)::text as granted from gas_grants g join wallets w on w.id = g.wallet_id
      where w.kind = 'member' group by g.wallet_id, (g.requested_at at time zone 'UTC')::date
      having sum(g.amount) > ${this.#limits.memberDay}`);
    expectRule(member === undefined, 'INV-10', () => `granted ${member!.granted} to ${member!.wallet_id} on one day`);
  }

  #grantedByDay(): Map<string, bigint> {
    const { wire } = this.surroundings;
    const rows = wire.rows<{ day: string; granted: string }>(`
      select (requested_at at time zone 'UTC')::date::text as day, sum(amount)::text as granted from gas_grants group by 1 order by 1`);
    return new Map(rows.map((row) => [row.day, BigInt(row.granted)]));
  }

  #result(): DrainResult {
    const { scheduler, wire } = this.surroundings;
    this.#server.die();
    const [alarm] = wire.rows<{ at: string }>(
      `select min(raised_at)::text as at from alarms where kind = 'gas-budget' and subject = 'all wallets' having count(*) > 0`,
    );
    const alarmAfterMs =
      this.#refusedAtMs === null
        ? null
        : alarm === undefined
          ? Infinity
          : new Date(alarm.at).getTime() - this.#refusedAtMs;
    expectRule(
      alarmAfterMs === null || alarmAfterMs <= ALARM_MS,
      'INV-10',
      () => `the budget was used up and the alarm came ${alarmAfterMs} ms later`,
    );
    return {
      hash: scheduler.trace.digest(),
      steps: scheduler.steps,
      attempts: this.#attempts,
      grantedByDay: this.#grantedByDay(),
      dayBudget: this.#limits.day,
      honestPayments: this.#honest,
      alarmAfterMs,
      treasuryLowest: this.#lowest!,
      floor: this.#limits.floor,
    };
  }
}
