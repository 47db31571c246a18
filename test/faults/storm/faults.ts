/**
 * What goes wrong besides kills at failpoints, each as `begin` and what ends it. A fault lasts for one cycle's load; `heal` brings
 * everything back and resolves when it is back.
 */
import type { Replica } from '../../cluster/cluster.ts';
import { until } from '../../cluster/until.ts';
import type { Random } from '../../fuzz/random.ts';
import type { NodeFault } from '../proxy/node-proxy.ts';
import { decideOutside, signOutside } from './outside.ts';
import type { StormWorld } from './world.ts';

/** A fault that is under way. */
export interface Begun {
  /** Ends it. */
  heal(): Promise<void>;
  /** What an operator has to decide when every server is back. */
  decide?(): Promise<void>;
}

export interface StormFault {
  /** The design's number and what it is: `F32 answer lost`. */
  readonly name: string;
  begin(world: StormWorld, random: Random): Promise<Begun>;
}

const wait = (ms: number): Promise<void> => new Promise((resume) => setTimeout(resume, ms));

const nodeFault = (name: string, fault: NodeFault): StormFault => ({
  name,
  async begin({ node }) {
    await node.set(fault);
    return { heal: () => node.set({ kind: 'none' }) };
  },
});

/** Every fault of a cycle's second half. */
export const STORM_FAULTS: readonly StormFault[] = [
  {
    name: 'F12 stop by SIGTERM',
    async begin({ cluster }, random) {
      const replica = random.pick(cluster.replicas);
      await wait(random.below(300));
      await replica.kill('SIGTERM');
      // It is started with those that the failpoint has ended, when nothing is armed any more.
      return { heal: async () => undefined };
    },
  },
  {
    name: 'F21 PostgreSQL killed',
    async begin({ cluster }, random) {
      await wait(random.below(300));
      await cluster.postgres.kill();
      return { heal: () => cluster.postgres.start() };
    },
  },
  {
    name: 'F22 backends killed inside transactions',
    async begin({ cluster }, random) {
      let isOver = false;
      const killing = (async () => {
        while (!isOver) {
          // The database may be away for another fault of this cycle.
          await cluster.owner.query(KILL_ONE_BACKEND).catch(() => undefined);
          await wait(20 + random.below(80));
        }
      })();
      return {
        async heal() {
          isOver = true;
          await killing;
        },
      };
    },
  },
  {
    name: 'F23 answer to COMMIT lost',
    async begin({ database }) {
      database.set({ kind: 'lose-commit', percent: 15 });
      return { heal: async () => database.set({ kind: 'none' }) };
    },
  },
  {
    name: 'F24 slow database',
    async begin({ database }, random) {
      database.set({ kind: 'slow', ms: random.between(5, 60) });
      return { heal: async () => database.set({ kind: 'none' }) };
    },
  },
  {
    name: 'F25 all connections to the database cut',
    async begin({ database }, random) {
      await wait(random.below(200));
      database.cut();
      return { heal: async () => undefined };
    },
  },
  nodeFault('F32 answer lost after the node accepted', { kind: 'lose-answer', percent: 50 }),
  nodeFault('F32 connection reset before the node heard', { kind: 'reset', percent: 50 }),
  nodeFault('F33 connection refused', { kind: 'refuse' }),
  nodeFault('F34 node hangs', { kind: 'hang' }),
  nodeFault('F35 hash returned, never gossiped', { kind: 'swallow' }),
  {
    name: 'F36 node killed, its pool lost',
    async begin({ cluster, node }, random) {
      // What it answers from here on reaches nobody's pool, and then it dies.
      await node.set({ kind: 'swallow' });
      await wait(random.below(300));
      await cluster.node.kill();
      return {
        async heal() {
          await cluster.node.start();
          await node.set({ kind: 'none' });
        },
      };
    },
  },
  nodeFault('F37 everything sent twice: already known, nonce too low', { kind: 'duplicate' }),
  nodeFault('F37 requests overtake each other', { kind: 'reorder', msMax: 250 }),
  {
    name: 'F40 chain halts',
    async begin({ cluster }, random) {
      cluster.node.signal('SIGSTOP');
      const over = wait(random.between(500, 3_000));
      return {
        async heal() {
          await over;
          cluster.node.signal('SIGCONT');
        },
      };
    },
  },
  nodeFault('F42 damaged answers', { kind: 'garbage' }),
  {
    name: 'F44 transactions revert',
    async begin(world, random) {
      const key = world.cluster.newKey();
      await changeToken(world, random, 'operatorPause', key);
      return {
        heal: async () => undefined,
        async decide() {
          await tokenIs(world, 'paused');
          await changeToken(world, random, 'operatorUnpause', world.cluster.newKey());
          await tokenIs(world, 'active');
        },
      };
    },
  },
  {
    name: 'F45 the same key used outside',
    async begin(world, random) {
      const hash = await signOutside(world, random);
      return { heal: async () => undefined, decide: () => decideOutside(world, hash) };
    },
  },
];

const KILL_ONE_BACKEND = `
  select pg_terminate_backend(pid) from pg_stat_activity
  where usename = 'jigeum_server' and xact_start is not null and state <> 'idle' order by random() limit 1`;

/**
 * An operator's act is repeated under its key until some replica answers it. Where the failpoint has struck all of them, they
 * are started again: the cycle itself does so only after its fault has begun.
 */
async function changeToken(
  world: StormWorld,
  random: Random,
  act: 'operatorPause' | 'operatorUnpause',
  idempotencyKey: string,
): Promise<void> {
  await until(`an answer to ${act}`, async () => {
    const replica: Replica = random.pick(world.cluster.replicas);
    try {
      await world.operator(replica).call(act, {
        params: { symbol: 'EST' },
        body: { reason: 'a storm' },
        idempotencyKey,
      });
      return true;
    } catch {
      // A replica that is down, or a database that is away: asked again under the same key.
      const { replicas } = world.cluster;
      // One that the failpoint strikes once more as it starts is started again by the next try.
      if (replicas.every(({ pid }) => pid() === undefined))
        await Promise.allSettled(replicas.map((each) => each.start()));
      return undefined;
    }
  });
}

const tokenIs = (world: StormWorld, state: string): Promise<true> =>
  until(`the token to be ${state}`, async () => {
    const { rows } = await world.cluster.owner.query<{ state: string }>(
      "select state from tokens where symbol = 'EST'",
    );
    return rows[0]?.state === state ? true : undefined;
  });
