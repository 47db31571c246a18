/** `jigeum node` on a new folder, as people run it, with a token of which everyone holds something. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NODE_FLAGS } from '../../apps/cli/src/embedded/node-flags.ts';
import { startChild } from '../child.ts';
import { askRpc, askRpcBatch, quantity, toQuantity, untilPoolEmpty } from '../http/json-rpc.ts';
import type { BlockFacts, ChainUnderTest } from './chain.ts';
import { handOut } from './hand-out.ts';
import { genesisOf } from './people.ts';

/** More than any second brings: the gas of a block is not what a run measures. */
export const BLOCK_GAS_LIMIT = 2_000_000_000;

export interface WorkNodeOrder {
  readonly people: number;
  readonly profileFolder?: string | undefined;
}

/** Starts a node whose people all hold the token and have sent nothing yet. */
export async function startTokenNode({ people, profileFolder }: WorkNodeOrder): Promise<ChainUnderTest> {
  const folder = mkdtempSync(join(tmpdir(), 'jigeum-bench-'));
  chmodSync(folder, 0o755);
  const removeFolder = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const genesis = join(folder, 'genesis.json');
    writeFileSync(genesis, genesisOf(people + 1));
    const node = await startChild<{ rpcUrl: string }>(
      new URL('../../apps/cli/src/main.ts', import.meta.url),
      [
        ...['node', '--port', '0', '--ca-port', '0', '--data', join(folder, 'node'), '--genesis', genesis],
        ...['--block-gas-limit', String(BLOCK_GAS_LIMIT)],
      ],
      { flags: NODE_FLAGS, profileFolder },
    );
    const stop = async (): Promise<void> => {
      await node.stop();
      removeFolder();
    };
    const chain = workNodeAt(node.ready.rpcUrl, node.process.pid!, stop);
    try {
      await handOut(chain, people);
      const failed = (await chain.blocksAfter(0)).reduce((sum, block) => sum + block.failed, 0);
      if (failed > 0) throw new Error(`Expected everyone to hold the token, got ${failed} failed transactions.`);
    } catch (error) {
      await stop();
      throw error;
    }
    return chain;
  } catch (error) {
    removeFolder();
    throw error;
  }
}

/** A node that runs already. */
export function workNodeAt(url: string, pid: number, stop: () => Promise<void>): ChainUnderTest {
  const { origin, pathname } = new URL(url);
  return {
    name: 'work node',
    ...{ origin, path: pathname, sendMethod: 'sym_sendRawTransaction', pid },
    headNumber: () => headNumber(url),
    untilAllIncluded: () => untilPoolEmpty(url),
    blocksAfter: (number, countMax) => blocksAfter(url, number, countMax),
    stop,
  };
}

const headNumber = async (url: string): Promise<number> => quantity(await askRpc<string>(url, 'sym_blockNumber'));

/** Every block after the one of this number, counted by its receipts. */
async function blocksAfter(url: string, number: number, countMax = Infinity): Promise<BlockFacts[]> {
  const facts: BlockFacts[] = [];
  const head = Math.min(await headNumber(url), number + countMax);
  for (let next = number + 1; next <= head; next++) {
    const block = await askRpc<{ timeStamp: string; transactions: string[] }>(
      url,
      'sym_getBlockByNumber',
      toQuantity(next),
      false,
    );
    const receipts = await askRpcBatch<{ status: string } | null>(
      url,
      block.transactions.map((hash) => ({ method: 'sym_getTransactionReceipt', params: [hash] })),
    );
    const succeeded = receipts.filter((receipt) => receipt?.status === '0x1').length;
    facts.push({
      ...{ number: next, atSeconds: quantity(block.timeStamp) },
      ...{ succeeded, failed: receipts.length - succeeded },
    });
  }
  return facts;
}
