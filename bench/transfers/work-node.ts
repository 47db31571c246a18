/** `jigeum node` on a new folder, as people run it, with a token of which everyone holds something. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toHex0x } from '@jigeum/std';
import { contractAddress, type SymId } from '@jigeum/symverse';
import { startChild } from '../child.ts';
import { askRpc, askRpcBatch, quantity, toQuantity, untilPoolEmpty } from '../http/json-rpc.ts';
import type { BlockFacts, ChainUnderTest } from './chain.ts';
import { genesisOf, personOf, signCall } from './people.ts';

/** More than any second brings: the gas of a block is not what a run measures. */
export const BLOCK_GAS_LIMIT = 2_000_000_000;
/** One token, in base units. */
const TOKEN = 10n ** 18n;
const SUPPLY = 10_000_000_000n * TOKEN;
const SHARE = 1_000n * TOKEN;
/** What one sender may have in the pool at once. */
const AT_ONCE = 4_000;

/** The token of a node with so many people: the person after the last creates it and gives each a share. */
export const tokenContract = (people: number): SymId => contractAddress(personOf(people).symId, 0n);

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
      { profileFolder },
    );
    const stop = async (): Promise<void> => {
      await node.stop();
      removeFolder();
    };
    const url = node.ready.rpcUrl;
    try {
      await handOut(url, people);
    } catch (error) {
      await stop();
      throw error;
    }
    const { origin, pathname } = new URL(url);
    return {
      name: 'work node',
      ...{ origin, path: pathname, sendMethod: 'sym_sendRawTransaction', pid: node.process.pid! },
      headNumber: () => headNumber(url),
      untilAllIncluded: () => untilPoolEmpty(url),
      blocksAfter: (number) => blocksAfter(url, number),
      stop,
    };
  } catch (error) {
    removeFolder();
    throw error;
  }
}

/** Creates the token and gives everyone a share. */
async function handOut(url: string, people: number): Promise<void> {
  const owner = personOf(people);
  const contract = tokenContract(people);
  const create = {
    method: 'create',
    name: 'Bench Token',
    symbol: 'BENCH',
    amount: SUPPLY,
    owner: owner.symId,
  } as const;
  const { raw } = signCall(owner, { contract: null, nonce: 0, call: create });
  await askRpc(url, 'sym_sendRawTransaction', toHex0x(raw));
  for (let first = 0; first < people; first += AT_ONCE) {
    const indexes = Array.from({ length: Math.min(AT_ONCE, people - first) }, (_, index) => first + index);
    const calls = indexes.map((index) => {
      const call = { method: 'transfer', to: personOf(index).symId, amount: SHARE } as const;
      const signed = signCall(owner, { contract, nonce: index + 1, call });
      return { method: 'sym_sendRawTransaction', params: [toHex0x(signed.raw)] };
    });
    await askRpcBatch(url, calls);
    await untilPoolEmpty(url);
  }
  const failed = (await blocksAfter(url, 0)).reduce((sum, block) => sum + block.failed, 0);
  if (failed > 0) throw new Error(`Expected everyone to hold the token, got ${failed} failed transactions.`);
}

const headNumber = async (url: string): Promise<number> => quantity(await askRpc<string>(url, 'sym_blockNumber'));

async function blocksAfter(url: string, number: number): Promise<BlockFacts[]> {
  const facts: BlockFacts[] = [];
  const head = await headNumber(url);
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
