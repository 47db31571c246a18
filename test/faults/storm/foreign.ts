/**
 * F41: nodes of other chains at the node's address, for every request or for half of them. One has another chain id. The other was
 * made anew from the platform's own genesis, by another sealer: its chain id is right, it knows everybody, and everybody has there
 * what he had at the beginning. Both are ahead of the platform's node, so that they answer for each block that it is asked for.
 */
import { readFileSync } from 'node:fs';
import { ApiProblem, ApiUnknown } from '@jigeum/api';
import { startWorkNode } from '@jigeum/worknode';
import type { Replica } from '../../cluster/cluster.ts';
import type { StormFault } from './faults.ts';
import type { StormWorld } from './world.ts';

const OTHER_CHAIN_ID = 7778n;
/** The platform's node closes five blocks a second, and has begun before. */
const BLOCK_MS = 50;
/** What a node that is away, or is taken for that, may raise. */
const ALARMS_OF_ABSENCE = ['node-lost', 'payment-stuck'];

/** Starts both nodes; they serve the whole storm. */
export async function startForeignNodes({
  cluster,
}: StormWorld): Promise<{ faults: readonly StormFault[]; stop: () => Promise<void> }> {
  const otherGenesis = JSON.stringify({ chainId: Number(OTHER_CHAIN_ID), caId: 3, citizens: [], allocations: {} });
  const ownGenesis = readFileSync(cluster.folder.file('genesis.json'), 'utf8');
  const other = await startWorkNode({ chainId: OTHER_CHAIN_ID, genesis: otherGenesis, blockMs: BLOCK_MS });
  const madeAnew = await startWorkNode({ genesis: ownGenesis, blockMs: BLOCK_MS }).catch(async (error: unknown) => {
    await other.stop();
    throw error;
  });
  return {
    faults: [
      foreignFault('F41 a node of another chain answers', { url: other.rpcUrl, percent: 100 }),
      foreignFault('F41 a node with another genesis answers', { url: madeAnew.rpcUrl, percent: 100 }),
      foreignFault('F41 a node with another genesis answers now and then', { url: madeAnew.rpcUrl, percent: 50 }),
    ],
    async stop() {
      await other.stop();
      await madeAnew.stop();
    },
  };
}

/** Ledger and chain are compared while it lasts; nobody may raise an alarm for what such a node says. */
const foreignFault = (name: string, elsewhere: { url: string; percent: number }): StormFault => ({
  name,
  async begin(world) {
    const { cluster, node } = world;
    const before = await lastAlarmOf(world);
    await node.set({ kind: 'elsewhere', ...elsewhere });
    await Promise.all(cluster.replicas.map((replica) => compareAt(world, replica)));
    return {
      heal: () => node.set({ kind: 'none' }),
      decide: () => requireNothingBelieved(world, before),
    };
  },
});

async function compareAt(world: StormWorld, replica: Replica): Promise<void> {
  const operator = world.operator(replica);
  try {
    await operator.call('operatorReconcileWallets', { body: { after: null, block: null } });
    await operator.call('operatorReconcileSums', {});
  } catch (error) {
    // The chain is not reached, or the replica is down: either is right here.
    if (!(error instanceof ApiProblem) && !(error instanceof ApiUnknown)) throw error;
  }
}

/** Ids grow with time. */
async function lastAlarmOf({ cluster }: StormWorld): Promise<string | null> {
  const { rows } = await cluster.owner.query<{ id: string }>('select id from alarms order by id desc limit 1');
  return rows[0]?.id ?? null;
}

async function requireNothingBelieved({ cluster }: StormWorld, lastAlarm: string | null): Promise<void> {
  const { rows } = await cluster.owner.query<{ kind: string; subject: string; detail: string }>(
    'select kind, subject, detail from alarms where ($1::uuid is null or id > $1) and kind <> all($2) order by id',
    [lastAlarm, ALARMS_OF_ABSENCE],
  );
  const [first] = rows;
  if (first === undefined) return;
  throw new Error(
    `Expected nobody to believe a node of another chain, got ${rows.length} alarms, the first of them ${first.kind} of ${first.subject}: ${first.detail}`,
  );
}
