/** The simulated node must be a node: it passes what every driver of a real one passes. */
import { driverConformance, type ConformanceParty, type ConformanceWorld } from '@jigeum/chain/conformance';
import type { Signer } from '@jigeum/chain';
import { bytesToHex, seededIds } from '@jigeum/std';
import { generatePrivateKey, keyHash, signatureToBytes } from '@jigeum/symverse';
import { nativeCrypto } from '@jigeum/symverse/native';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { Faults, type FaultMix } from '../faults.ts';
import { Scheduler } from '../scheduler.ts';
import { createSimulatedDriver } from './driver.ts';
import { SimulatedNode } from './node.ts';
import { ChainState } from './state.ts';

const RULES = { blockMs: 50, finalityDepth: 0, transactionsPerBlock: 100, nonceGapMax: 64, countsComingCoin: true };
let world: ConformanceWorld;
let isStopped = false;

beforeAll(() => {
  const ids = seededIds('conformance');
  const scheduler = new Scheduler('conformance', 0);
  const state = new ChainState();
  const [rich, poor] = [10n ** 24n, 0n].map((native, index): ConformanceParty => {
    const key = generatePrivateKey(ids);
    const address = `0x000200000000020${index}0002`;
    const hash = bytesToHex(keyHash(nativeCrypto.publicKey(key), nativeCrypto.sha3));
    state.accounts.set(address, { keyHash: hash, nonce: 0, native });
    return { address, signer: signerOf(key) };
  });
  const none = new Faults(scheduler.random);
  const node = new SimulatedNode(scheduler, none, { state, blocks: SimulatedNode.genesis(), rules: RULES });
  const owner = { name: 'test', isAlive: true };
  const driverWith = (fault?: keyof FaultMix) => {
    const faults = new Faults(scheduler.random);
    if (fault !== undefined) faults.always(fault);
    return createSimulatedDriver({ scheduler, faults, node }, owner);
  };
  world = {
    driver: driverWith(),
    losing: driverWith('answerLost'),
    garbling: driverWith('garbage'),
    away: driverWith('requestLost'),
    rich: rich!,
    poor: poor!,
    nobody: '0x00020000000009990002',
  };
  void runVirtualTime(scheduler);
});
afterAll(() => void (isStopped = true));

async function runVirtualTime(scheduler: Scheduler): Promise<void> {
  while (!isStopped) {
    if (!(await scheduler.step())) await new Promise((resume) => setTimeout(resume, 1));
  }
}

function signerOf(privateKey: Uint8Array): Signer {
  return {
    sign(digest) {
      const signature = nativeCrypto.sign(digest, privateKey);
      const bytes = signatureToBytes(signature);
      return { r: bytes.subarray(0, 32), s: bytes.subarray(32), v: signature.v };
    },
  };
}

describe('the driver over the simulated node', () => {
  it.each(driverConformance)('$name', async ({ run }) => run(world));
});
