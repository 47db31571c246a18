/** F45: somebody has a member's key and uses it beside the platform, with the nonce that the platform takes next. */
import { createSymverseDriver } from '@jigeum/chain-symverse';
import { bytesToHex } from '@jigeum/std';
import { signatureToBytes } from '@jigeum/symverse';
import { createRpcClient, httpTransport } from '@jigeum/symverse/rpc';
import { nativeCrypto } from '@jigeum/symverse/native';
import type { Person } from '../../cluster/people.ts';
import type { Random } from '../../fuzz/random.ts';
import type { StormWorld } from './world.ts';

const WON = 10n ** 18n;

/** Sends a transaction of a careless person to the node itself, while that person also pays through the platform. */
export async function signOutside(world: StormWorld, random: Random): Promise<void> {
  const { cluster } = world;
  const payer = random.pick(world.careless);
  const payee = random.pick(world.careless.filter((each) => each !== payer));
  const order = { key: cluster.newKey(), payer, payee, amount: WON };
  await Promise.allSettled([cluster.payments.ask(random.pick(cluster.urls), order), sendOutside(world, payer)]);
}

async function sendOutside(world: StormWorld, person: Person): Promise<void> {
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
}
