/**
 * One short life of the platform: people act, everything fails now and then, the faults stop, and all that was promised must end.
 * A world depends on the seed and its own number alone.
 */
import { drawFaults } from './faults.ts';
import { checkEnd } from './oracle/end.ts';
import { Watch } from './oracle/watch.ts';
import { liveOperator } from './people/operator.ts';
import { letGo } from './people/pause.ts';
import { liveCharger } from './people/charger.ts';
import { liveStopper } from './people/stopper.ts';
import { livePayer, payOnce } from './people/payer.ts';
import { isOfAFault } from './explained.ts';
import { Network } from './people/network.ts';
import { Told } from './people/told.ts';
import { checkAtStart } from '../../apps/server/src/reconcile/index.ts';
import { reconcilePlatformGas } from '../../apps/server/src/transfers/index.ts';
import { untilNothingMoves, type Owner } from './scheduler.ts';
import type { Scene, WorldRules } from './scene.ts';
import { SimulatedServer } from './server.ts';
import type { Platform, SimulatedMember } from './platform.ts';
import { surround, type Surroundings } from './surroundings.ts';
import { expectRule, Violation } from './violation.ts';

export interface WorldResult {
  index: number;
  steps: number;
  /** Of everything that happened, hex. */
  hash: string;
  payments: number;
  failure?: { error: unknown; lines: string[] };
}

/** Between two looks at the committed rows. */
const LOOK_STEPS = 400;
/** A server that was started from a backup is watched for so long. */
const RESTORED_MS = 5_000;
/** After the faults have stopped (INV-05), and the patience of whoever asks at that moment. */
const DRAIN_MS = 60_000 + 15_000;

export class World implements Scene {
  readonly platform: Platform;
  readonly surroundings: Surroundings;
  readonly rules: WorldRules;
  readonly network: Network;
  readonly told = new Told();
  readonly members: readonly SimulatedMember[];
  readonly #index: number;
  #servers: SimulatedServer[] = [];
  #serversMade = 0;
  #keysMade = 0;
  readonly #amounts = new Set<bigint>();
  #failure: Error | undefined;
  readonly #thinking = new Set<() => void>();
  /** Who is not done. */
  readonly #busy = new Set<string>();
  /** Nobody begins anything new. */
  isEnding = false;

  constructor(platform: Platform, input: { seed: string; index: number }) {
    this.platform = platform;
    this.#index = input.index;
    const { wire, config, secrets, snapshot } = platform;
    wire.rollBack();
    wire.asOwner(snapshot.restore);
    this.surroundings = surround({
      ...input,
      wire,
      config,
      secrets,
      node: platform.chain,
      kill: (owner) => this.#kill(owner),
      defect: (error) => this.#fail(error),
    });
    const { random } = this.surroundings.scheduler;
    this.rules = {
      serverCount: random.between(1, 3),
      memberCount: random.between(2, platform.members.length),
      thinkMs: random.pick([50, 200, 1_000]),
      hasPauses: !random.oneIn(3),
      blockMs: random.pick([200, 1_000]),
      finalityDepth: random.pick([0, 0, 1, 3]),
      nonceGapMax: random.pick([0, 64]),
      countsComingCoin: random.oneIn(2),
    };
    Object.assign(this.surroundings.node.rules, this.rules);
    this.members = platform.members.slice(0, this.rules.memberCount);
    this.network = new Network(this.surroundings, () => this.#servers);
  }

  /** Runs to its end, or to the first rule that is broken. */
  async run(stepsMax: number): Promise<WorldResult> {
    const { scheduler } = this.surroundings;
    let failure: WorldResult['failure'];
    try {
      await this.#live(stepsMax);
    } catch (error) {
      failure = { error, lines: scheduler.trace.last(80) };
    }
    for (const server of this.#servers) server.die();
    await untilNothingMoves();
    return {
      index: this.#index,
      steps: scheduler.steps,
      hash: scheduler.trace.digest(),
      payments: this.told.payments.length,
      ...(failure === undefined ? {} : { failure }),
    };
  }

  newKey(): string {
    const serial = (++this.#keysMade).toString(16).padStart(12, '0');
    return `00000000-0000-7000-8000-${serial}`;
  }

  async think(usualMs: number, what: string): Promise<void> {
    const { scheduler, outside } = this.surroundings;
    await new Promise<void>((resume) => {
      this.#thinking.add(resume);
      const end = () => {
        this.#thinking.delete(resume);
        resume();
      };
      scheduler.after(scheduler.latency(usualMs), outside, what, end);
    });
  }

  newAmount(base: bigint): bigint {
    let amount = base;
    do amount += 2n * BigInt(this.surroundings.scheduler.random.between(1, 50));
    while (this.#amounts.has(amount));
    this.#amounts.add(amount);
    return amount;
  }

  async #live(stepsMax: number): Promise<void> {
    const { scheduler, faults, node, gate } = this.surroundings;
    const watch = new Watch(this);
    faults.begin(drawFaults(scheduler.random));
    for (let count = 0; count < this.rules.serverCount; count++) this.#start();
    for (const member of this.members) this.#begin(`payer ${member.name}`, livePayer(this, member));
    for (const member of this.members.slice(0, 2)) this.#begin(`charger ${member.name}`, liveCharger(this, member));
    this.#begin('operator', liveOperator(this));
    this.#begin('stopper', liveStopper(this));
    this.#begin('nemesis', this.#nemesis());
    let lookAt = LOOK_STEPS;
    while (scheduler.steps < stepsMax) {
      expectRule(await scheduler.step(), 'simulation', () => 'nothing is left to happen');
      if (this.#failure !== undefined) throw this.#failure;
      if (scheduler.steps < lookAt || !gate.isQuiet) continue;
      lookAt = scheduler.steps + LOOK_STEPS;
      watch.look();
    }
    this.isEnding = true;
    for (const resume of this.#thinking) resume();
    faults.heal();
    node.heal();
    scheduler.trace.note('  all faults end');
    const healedAtMs = scheduler.elapsedMs;
    const acts = { surroundings: this.surroundings, network: this.network, symbol: this.platform.token.symbol };
    this.#begin(
      'end of a pause',
      letGo(acts, () => this.newKey()),
    );
    for (let isOver = false; !isOver;) {
      await scheduler.step();
      if (this.#failure !== undefined) throw this.#failure;
      if (scheduler.steps < lookAt || !gate.isQuiet) continue;
      lookAt = scheduler.steps + LOOK_STEPS / 8;
      const left = watch.look();
      isOver = this.#busy.size === 0 && left.length === 0;
      expectRule(
        isOver || scheduler.elapsedMs - healedAtMs < DRAIN_MS,
        'INV-05',
        () =>
          `${DRAIN_MS} ms after the last fault there is still ${JSON.stringify(left.slice(0, 5))}, and these wait: ${[...this.#busy].join(', ')}`,
      );
    }
    checkEnd(this);
    await this.#startFromBackup();
  }

  /** The rows of the beginning meet the chain of the end: no server may start where that would sign a nonce again (INV-27). */
  async #startFromBackup(): Promise<void> {
    const { scheduler, wire, node } = this.surroundings;
    for (const server of this.#servers) server.die();
    this.#servers = [];
    const { state: before } = this.platform.chain;
    const { treasury, reserve } = this.platform;
    const isOld = [treasury, reserve].some(
      (address) => node.state.accounts.get(address)!.nonce > before.accounts.get(address)!.nonce,
    );
    if (!isOld) return;
    wire.asOwner(this.platform.snapshot.restore);
    const signedBefore = this.#signedCount();
    const server = new SimulatedServer(this.surroundings, 'restored', `${this.#index} restored`);
    const from = scheduler.elapsedMs;
    compareWithChain(server).then(
      () => {
        this.#servers = [server];
        server.startJobs();
        for (const member of this.members) void payOnce(this, member);
      },
      (error: unknown) => scheduler.trace.note(`  the start is refused: ${String(error)}`),
    );
    while (scheduler.elapsedMs - from < RESTORED_MS && (await scheduler.step())) continue;
    server.die();
    const signed = this.#signedCount() - signedBefore;
    expectRule(
      signed === 0,
      'INV-27',
      () => `${signed} transactions were signed with rows that are older than the chain`,
    );
  }

  #signedCount(): number {
    this.surroundings.wire.rollBack();
    return this.surroundings.wire.rows<{ count: number }>('select count(*)::int as count from chain_outbox')[0]!.count;
  }

  #begin(name: string, life: Promise<void>): void {
    this.#busy.add(name);
    life.then(
      () => this.#busy.delete(name),
      (error: unknown) => this.#fail(error),
    );
  }

  /** Kills servers at any moment. */
  async #nemesis(): Promise<void> {
    const { scheduler, outside, faults } = this.surroundings;
    while (!this.isEnding) {
      await scheduler.sleep(scheduler.random.between(1, 2_000), outside, 'nemesis');
      const alive = this.#servers.filter((server) => server.isAlive);
      if (alive.length > 0 && faults.happens('killed')) this.#kill(scheduler.random.pick(alive));
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= error instanceof Error ? error : new Error(String(error));
  }

  #start(): void {
    const number = ++this.#serversMade;
    const server = new SimulatedServer(
      this.surroundings,
      `s${number}`,
      `${this.#index} ${this.surroundings.scheduler.random.next()} ${number}`,
    );
    compareWithChain(server).then(
      () => {
        this.#servers.push(server);
        server.startJobs();
      },
      (error: unknown) => {
        if (!isOfAFault(error)) this.#fail(new Violation('start', String(error)));
        else this.#kill(server);
      },
    );
  }

  #kill(owner: Owner): void {
    const { scheduler, outside } = this.surroundings;
    if (!(owner instanceof SimulatedServer) || !owner.isAlive) return;
    scheduler.trace.note(`  ${owner.name} dies`);
    this.#servers = this.#servers.filter((server) => server !== owner);
    owner.die();
    scheduler.after(scheduler.random.between(100, 4_000), outside, 'a new server', () => this.#start());
  }
}

/** As `start.ts` does before the jobs and routes begin. */
async function compareWithChain({ deps }: SimulatedServer): Promise<void> {
  await checkAtStart(deps);
  await reconcilePlatformGas(deps);
}
