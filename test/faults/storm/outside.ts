/**
 * F45: somebody has a member's key and uses it beside the platform, with the nonce that the platform takes next. The platform
 * cannot tell that from an older database, so it is in quarantine until an operator has looked.
 */
import { ApiProblem, ApiUnknown } from '@jigeum/api';
import { createSymverseDriver } from '@jigeum/chain-symverse';
import { bytesToHex } from '@jigeum/std';
import { signatureToBytes } from '@jigeum/symverse';
import { createRpcClient, httpTransport } from '@jigeum/symverse/rpc';
import { nativeCrypto } from '@jigeum/symverse/native';
import { until } from '../../cluster/until.ts';
import type { Person } from '../../cluster/people.ts';
import type { Random } from '../../fuzz/random.ts';
import type { StormWorld } from './world.ts';

const WON = 10n ** 18n;

/** Sends a transaction of a careless person to the node itself, while that person also pays through the platform. Returns its hash. */
export async function signOutside(world: StormWorld, random: Random): Promise<Uint8Array> {
  const { cluster } = world;
  const payer = random.pick(world.careless);
  const payee = random.pick(world.careless.filter((each) => each !== payer));
  const order = { key: cluster.newKey(), payer, payee, amount: WON };
  const [, hash] = await Promise.all([
    cluster.payments.ask(random.pick(cluster.urls), order),
    sendOutside(world, payer),
  ]);
  return hash;
}

async function sendOutside(world: StormWorld, person: Person): Promise<Uint8Array> {
  const { rpcUrl } = world.cluster.node;
  const rpc = createRpcClient({ transport: httpTransport(rpcUrl), timeoutMs: 2_000 });
  const nonce = Number(await rpc.call('sym_getTransactionCount', person.address, 'latest'));
  const driver = createSymverseDriver({ node: rpcUrl, chainId: world.cluster.chainId, crypto: nativeCrypto });
  const { raw, hash } = driver.sign({
    intent: { kind: 'native', to: person.address, amount: 1n },
    from: person.address,
    nonce,
    signer: {
      sign(digest) {
        const signature = nativeCrypto.sign(digest, person.privateKey);
        const bytes = signatureToBytes(signature);
        return { r: bytes.subarray(0, 32), s: bytes.subarray(32), v: signature.v };
      },
    },
  });
  world.checker.allowForeign(bytesToHex(hash));
  await driver.broadcast([raw]);
  return hash;
}

/** Waits until the chain has decided between the two, and ends the quarantine where the outside one has won. */
export async function decideOutside(world: Pick<StormWorld, 'cluster' | 'operator'>, hash: Uint8Array): Promise<void> {
  const { cluster } = world;
  const driver = createSymverseDriver({ node: cluster.node.rpcUrl, chainId: cluster.chainId, crypto: nativeCrypto });
  const outcome = await until('the chain to decide', async () => {
    const [told] = await driver.outcomes([hash]);
    return told?.kind === 'pending' ? undefined : told;
  });
  if (outcome.kind === 'absent') return;
  await until('the platform to notice', async () => ((await isInQuarantine(world)) ? true : undefined));
  await until('recovery to end the quarantine', async () => {
    try {
      const operator = world.operator(cluster.replicas[0]!);
      const { isAtHead } = await operator.call('operatorApplyRecovery', {});
      if (!isAtHead) return undefined;
      await operator.call('operatorEndQuarantine', { body: { reason: 'a storm' }, idempotencyKey: cluster.newKey() });
      return true;
    } catch (error) {
      // Ledger and chain differ while ends are being posted: asked again.
      if (error instanceof ApiProblem || error instanceof ApiUnknown) return undefined;
      throw error;
    }
  });
}

async function isInQuarantine({ cluster }: Pick<StormWorld, 'cluster'>): Promise<boolean> {
  const { rows } = await cluster.owner.query(
    "select from outflow_stops where cause = 'quarantine' and lifted_at is null",
  );
  return rows.length > 0;
}
