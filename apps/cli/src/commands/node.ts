/** `jigeum node`: the work node and its CA alone, until Ctrl-C. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import {
  boundHeapGrowth,
  DamagedStorageError,
  ForeignChainError,
  GenesisError,
  NodeFolderError,
  PortInUseError,
  startWorkNode,
  StorageInUseError,
  UnsafeKeysError,
  type StartedWorkNode,
  type StartOptions,
} from '@jigeum/worknode';
import { readCliConfig } from '../config.ts';
import { Refusal } from '../refusal.ts';
import { isChainTask, nodeChainCommand, sealerKeyText } from './node-chain.ts';

const USAGE = `Usage: npm run jigeum -- node [--port 8545] [--ca-port 8547] [--data ./data/node] [--chain-id 7777]
       [--block-ms 1000] [--empty-block-ms 10000] [--seal-when-busy] [--block-gas-limit 188495520]
       [--keep-history blocks] [--genesis file.json] [--ca-secret-file file] [--host 127.0.0.1]
       [--unlock-keys] [--unlock-keys-on-any-host]
       npm run jigeum -- node verify | export <file> | import <file> | sealer   explain themselves with --help

Runs a Symverse work node with a single sealer, and a CA that issues SymIDs on it.
--port, --ca-port  0 takes a free port
--data             where the chain is kept; made when it does not exist
--chain-id         of a new chain (default 7777); an existing one keeps its own
--block-ms         one block in so many milliseconds when something waits
--empty-block-ms   one block in so many milliseconds when nothing waits; 0 for none
--seal-when-busy   close a block as soon as something waits
--block-gas-limit  the most gas of a block from now on; the public network's holds about 2,800 token transfers
--keep-history     how many blocks below the newest keep a readable state; older states are removed for good (default: all kept)
--genesis          who exists, and what coins and tokens there are; without it a new chain gets one funded development key
--ca-secret-file   32 hex digits that a caller of the CA must know; without it one is made in the data folder
--host             the address to listen on; the JSON-RPC asks nobody who he is, so open it to a private network only
--unlock-keys      keep keys for callers (personal_*, sym_sendTransaction, sym_sign): encrypted in the data folder, and
                   whoever reaches the node signs with what is unlocked, so only on a loopback host
--unlock-keys-on-any-host   the same on other hosts`;

/** Runs the node until a signal, or until the parent that holds the IPC channel goes away. Throws a `Refusal` when it cannot start. */
export async function nodeCommand(argv: string[]): Promise<void> {
  const [task, ...rest] = argv;
  if (isChainTask(task)) {
    nodeChainCommand(task, rest);
    return;
  }
  const options = readOptions(argv);
  if (options === undefined) {
    console.log(USAGE);
    return;
  }
  const started = await start(options);
  console.log(banner(started, options));
  // First the ears, then the word: who hears it may send a signal at once.
  const asked = untilAskedToStop();
  process.send?.({ kind: 'ready', rpcUrl: started.rpcUrl, caUrl: started.caUrl });
  const reason = await asked;
  console.log(`Stopping (${reason}) …`);
  await started.stop();
  console.log('Stopped. Every block is kept.');
  if (process.connected) process.disconnect();
}

type NodeOptions = StartOptions & { readonly dataDir: string };

function readOptions(argv: string[]): NodeOptions | undefined {
  const { values } = parse(argv);
  if (values.help) return undefined;
  const emptyBlockMs = wholeNumber('--empty-block-ms', values['empty-block-ms'], 0, 86_400_000);
  const chainId = values['chain-id'];
  const gasLimit = values['block-gas-limit'];
  const secretFile = values['ca-secret-file'];
  const keepHistory = values['keep-history'];
  return {
    dataDir: resolve(values.data ?? join(readCliConfig().rootDir, 'data', 'node')),
    host: values.host,
    port: wholeNumber('--port', values.port, 0, 65_535),
    caPort: wholeNumber('--ca-port', values['ca-port'], 0, 65_535),
    blockMs: wholeNumber('--block-ms', values['block-ms'], 10, 600_000),
    emptyBlockMs: emptyBlockMs === 0 ? null : emptyBlockMs,
    sealWhenBusy: values['seal-when-busy'],
    ...((values['unlock-keys'] || values['unlock-keys-on-any-host']) && {
      unlockKeys: values['unlock-keys-on-any-host'] ? 'any-host' : 'loopback',
    }),
    ...(gasLimit !== undefined && {
      // Less would not hold one creation of a contract.
      blockGasLimit: BigInt(wholeNumber('--block-gas-limit', gasLimit, 10_000_000, 9_999_999_999)),
    }),
    ...(keepHistory !== undefined && {
      keepHistory: wholeNumber('--keep-history', keepHistory, 1, 9_999_999_999),
    }),
    ...(chainId !== undefined && { chainId: BigInt(wholeNumber('--chain-id', chainId, 1, 2_147_483_647)) }),
    ...(values.genesis !== undefined && { genesis: readText('--genesis', values.genesis) }),
    ...(secretFile !== undefined && { caSecret: readText('--ca-secret-file', secretFile).trim() }),
    report(event) {
      if (event.kind === 'sealed') return;
      const cause = 'error' in event ? describe(event.error) : `${event.hashHex}: ${event.why}`;
      console.error(`${event.kind}: ${cause}`);
    },
  };
}

function parse(argv: string[]) {
  try {
    return parseArgs({
      args: argv,
      options: {
        port: { type: 'string', default: '8545' },
        'ca-port': { type: 'string', default: '8547' },
        data: { type: 'string' },
        'chain-id': { type: 'string' },
        'block-ms': { type: 'string', default: '1000' },
        'empty-block-ms': { type: 'string', default: '10000' },
        'seal-when-busy': { type: 'boolean', default: false },
        'block-gas-limit': { type: 'string' },
        'keep-history': { type: 'string' },
        genesis: { type: 'string' },
        'ca-secret-file': { type: 'string' },
        host: { type: 'string', default: '127.0.0.1' },
        'unlock-keys': { type: 'boolean', default: false },
        'unlock-keys-on-any-host': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new Refusal(`${describe(error)}\n\n${USAGE}`);
  }
}

function wholeNumber(option: string, text: string, min: number, max: number): number {
  const value = /^[0-9]{1,10}$/.test(text) ? Number.parseInt(text, 10) : Number.NaN;
  if (!(value >= min && value <= max))
    throw new Refusal(`Expected ${option} as a whole number from ${min} to ${max}; got "${text}".`);
  return value;
}

function readText(option: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Refusal(`Expected a readable file for ${option}; ${describe(error)}.`);
  }
}

const REFUSALS = [
  DamagedStorageError,
  StorageInUseError,
  ForeignChainError,
  GenesisError,
  NodeFolderError,
  PortInUseError,
  UnsafeKeysError,
];

async function start(options: NodeOptions): Promise<StartedWorkNode> {
  try {
    boundHeapGrowth();
    return await startWorkNode(options);
  } catch (error) {
    if (!REFUSALS.some((kind) => error instanceof kind)) throw error;
    throw new Refusal(describe(error));
  }
}

function banner(
  { rpcUrl, caUrl, genesis, node, development }: StartedWorkNode,
  { dataDir, caSecret }: NodeOptions,
): string {
  const secret =
    caSecret === undefined ? `the secret is in ${join(dataDir, 'ca.secret')}` : 'the secret is the one given';
  const key = development && [
    `  Funded key   ${development.symId}, private key in ${development.file} (for development only)`,
  ];
  return [
    '',
    `  Work node    ${rpcUrl}   chain ${genesis.chainId}, block ${node.chain.head().number}, single sealer ${genesis.sealer.symId}`,
    `  Sealer key   ${sealerKeyText(genesis)}   for who checks proofs and does not ask a server whose seal counts`,
    `  CA           ${caUrl}   issues SymIDs as ${genesis.ca.symId}; ${secret}`,
    `  Data         ${dataDir}`,
    ...(key ?? []),
    '',
    '  Ctrl-C stops it. Everything that was answered is kept.',
    '',
  ].join('\n');
}

/** Listens only once the node runs: a listener on the channel would keep a process alive that could not start. */
function untilAskedToStop(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve(signal));
    if (process.send === undefined) return;
    if (process.connected) process.once('disconnect', () => resolve('its parent ended'));
    else resolve('its parent ended');
  });
}

const describe = (error: unknown): string => (error instanceof Error ? error.message : String(error));
