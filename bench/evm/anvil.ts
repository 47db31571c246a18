/** anvil, the node of the Foundry tools, as the other side: native code, one process, nothing on disk, and a block each second as ours. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bytesToHex, hexToBytes, systemClock, toHex0x } from '@jigeum/std';
import { freePort } from '../../apps/cli/src/embedded/ports.ts';
import { stopProcess } from '../child.ts';
import { askRpc, askRpcBatch, quantity, toQuantity, untilPoolEmpty } from '../http/json-rpc.ts';
import type { BlockFacts, ChainUnderTest } from '../transfers/chain.ts';
import { keyOf } from '../transfers/people.ts';
import { BENCH_TOKEN_CODE } from './bench-token.ts';
import { EVM_CHAIN_ID, GAS_PRICE_WEI, transferInput } from './erc20-transfer.ts';
import { addressOf, createdAddress, eventTopic, signLegacy, type LegacyTransaction } from './legacy-transaction.ts';

/** The default holds 850 transfers. */
const BLOCK_GAS_LIMIT = 2_000_000_000;
/** Of old states; with all of them memory grows without bound. */
const HISTORY_BLOCKS = 50;
const READY_WITHIN_MS = 20_000;
const POLL_MS = 20;
/** A thousand ether: more gas than any run uses. */
const START_WEI = 10n ** 21n;
const SHARE = 1_000n * 10n ** 18n;
const CREATION_GAS = 2_000_000n;
const TRANSFER_GAS = 60_000n;
const TRANSFER_TOPIC = eventTopic('Transfer(address,address,uint256)');

/** Where npm put the program; undefined on another system than the one it is packaged for. */
export function findAnvil(): string | undefined {
  let manifest: string;
  try {
    manifest = import.meta.resolve('@foundry-rs/anvil-linux-amd64/package.json');
  } catch {
    // An optional dependency: npm leaves it out elsewhere, and the caller says so.
    return undefined;
  }
  const program = fileURLToPath(new URL('bin/anvil', manifest));
  return existsSync(program) ? program : undefined;
}

/** The token of a chain with so many people: the person after the last creates it. */
export const evmTokenContract = (people: number): `0x${string}` => toHex0x(createdAddress(addressOf(keyOf(people)), 0));

/** Starts a chain whose people all hold the token and have sent nothing yet. */
export async function startAnvil(program: string, people: number): Promise<ChainUnderTest> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(
    program,
    [
      ...['--host', '127.0.0.1', '--port', String(port), '--chain-id', String(EVM_CHAIN_ID), '--accounts', '1'],
      ...['--block-time', '1', '--gas-limit', String(BLOCK_GAS_LIMIT), '--block-base-fee-per-gas', '0'],
      ...['--prune-history', String(HISTORY_BLOCKS), '--order', 'fifo', '--silent'],
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const stop = (): Promise<void> => stopProcess(child);
  try {
    await untilReady(url);
    await handOut(url, people);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    name: 'anvil',
    ...{ origin: url, path: '/', sendMethod: 'eth_sendRawTransaction', pid: child.pid! },
    headNumber: () => headNumber(url),
    untilAllIncluded: () => untilPoolEmpty(url),
    blocksAfter: (number, countMax) => blocksAfter(url, number, countMax),
    stop,
  };
}

async function untilReady(url: string): Promise<void> {
  const deadlineMs = systemClock.monotonicMs() + READY_WITHIN_MS;
  for (;;) {
    try {
      await headNumber(url);
      return;
    } catch (error) {
      if (systemClock.monotonicMs() > deadlineMs) throw error;
      await new Promise((resume) => setTimeout(resume, POLL_MS));
    }
  }
}

/** Gives everybody coins for gas, creates the token, and gives everybody a share. */
async function handOut(url: string, people: number): Promise<void> {
  const addresses = Array.from({ length: people + 1 }, (_, index) => addressOf(keyOf(index)));
  await askRpcBatch(
    url,
    addresses.map((address) => ({
      method: 'anvil_setBalance',
      params: [toHex0x(address), `0x${START_WEI.toString(16)}`],
    })),
  );
  const owner = keyOf(people);
  const contract = hexToBytes(evmTokenContract(people).slice(2));
  const send = (nonce: number, rest: Pick<LegacyTransaction, 'to' | 'input' | 'gas'>) => {
    const raw = signLegacy({ nonce, gasPriceWei: GAS_PRICE_WEI, valueWei: 0n, ...rest }, EVM_CHAIN_ID, owner);
    return { method: 'eth_sendRawTransaction', params: [`0x${bytesToHex(raw)}`] };
  };
  await askRpcBatch(url, [send(0, { to: null, input: hexToBytes(BENCH_TOKEN_CODE), gas: CREATION_GAS })]);
  await untilPoolEmpty(url);
  const shares = addresses
    .slice(0, people)
    .map((address, index) =>
      send(index + 1, { to: contract, input: transferInput(address, SHARE), gas: TRANSFER_GAS }),
    );
  await askRpcBatch(url, shares);
  await untilPoolEmpty(url);
  const failed = (await blocksAfter(url, 0)).reduce((sum, block) => sum + block.failed, 0);
  if (failed > 0) throw new Error(`Expected everyone to hold the token, got ${failed} failed transactions.`);
}

const headNumber = async (url: string): Promise<number> => quantity(await askRpc<string>(url, 'eth_blockNumber'));

/**
 * A transaction of ours that succeeds leaves one Transfer event, one that fails leaves none: a transfer without funds reverts.
 * Counted by events, because `eth_getBlockReceipts` takes anvil a time that grows with the square of the block: half a minute for
 * five thousand transfers.
 */
async function blocksAfter(url: string, number: number, countMax = Infinity): Promise<BlockFacts[]> {
  const facts: BlockFacts[] = [];
  const head = Math.min(await headNumber(url), number + countMax);
  for (let next = number + 1; next <= head; next++) {
    const tag = toQuantity(next);
    const block = await askRpc<{ timestamp: string; transactions: string[] }>(url, 'eth_getBlockByNumber', tag, false);
    const filter = { fromBlock: tag, toBlock: tag, topics: [TRANSFER_TOPIC] };
    const events = await askRpc<{ transactionHash: string }[]>(url, 'eth_getLogs', filter);
    const moved = new Set(events.map(({ transactionHash }) => transactionHash));
    const succeeded = block.transactions.filter((hash) => moved.has(hash)).length;
    facts.push({
      ...{ number: next, atSeconds: quantity(block.timestamp) },
      ...{ succeeded, failed: block.transactions.length - succeeded },
    });
  }
  return facts;
}
