/** `jigeum node verify | export | import | sealer`: what is done with the chain of a node that does not run. */
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock, toHex0x } from '@jigeum/std';
import {
  ChainFileError,
  DamagedStorageError,
  DifferentChainError,
  DifferentStateError,
  exportFolder,
  folderRules,
  GenesisError,
  importFolder,
  NodeFolderError,
  StorageInUseError,
  verifyFolder,
  type Progress,
} from '@jigeum/worknode';
import { readCliConfig } from '../config.ts';
import { Refusal } from '../refusal.ts';

const USAGE = `Usage: npm run jigeum -- node verify [--data ./data/node]
       npm run jigeum -- node export <file> [--data ./data/node]
       npm run jigeum -- node import <file> [--data ./data/node]
       npm run jigeum -- node sealer [--data ./data/node]

The node of the data folder must not run.
verify   executes every transaction again from the genesis, in memory, and compares signatures, receipts, roots, hashes,
         seals, citizen records, indexes, history and state with what is stored
export   writes all blocks of both chains into a new file: no keys
import   checks every block of such a file in the same way and keeps the chain in a folder that has none; a node goes on with
         it when the folder also has the chain's sealer.key and ca.key
sealer   says whose key seals the chain's blocks, by its genesis: what somebody gives to a scanner or a proof's checker who
         does not take the server's word for it. Of a chain from elsewhere, import or verify it first`;

const TASKS = ['verify', 'export', 'import', 'sealer'] as const;
type Task = (typeof TASKS)[number];

/** True when the words after `node` ask for one of these tasks. */
export const isChainTask = (word: string | undefined): word is Task => TASKS.some((task) => task === word);

/** Does the task. Throws a `Refusal` with the first difference. */
export function nodeChainCommand(task: Task, argv: string[]): void {
  const options = readOptions(task, argv);
  if (options === undefined) {
    console.log(USAGE);
    return;
  }
  try {
    console.log(run(task, options));
  } catch (error) {
    if (!REFUSALS.some((kind) => error instanceof kind) && !isFileError(error)) throw error;
    throw new Refusal(describe(error));
  }
}

interface Options {
  readonly data: string;
  readonly file: string;
}

function readOptions(task: Task, argv: string[]): Options | undefined {
  const { values, positionals } = parse(argv);
  if (values.help) return undefined;
  const [file, ...rest] = positionals;
  const hasFile = task === 'export' || task === 'import';
  const isRight = rest.length === 0 && hasFile === (file !== undefined);
  if (!isRight) throw new Refusal(`Expected ${hasFile ? 'one file' : 'no file'} for ${task}.\n\n${USAGE}`);
  return { data: resolve(values.data ?? join(readCliConfig().rootDir, 'data', 'node')), file: resolve(file ?? '') };
}

function parse(argv: string[]) {
  try {
    return parseArgs({
      args: argv,
      allowPositionals: true,
      options: { data: { type: 'string' }, help: { type: 'boolean', default: false } },
    });
  } catch (error) {
    throw new Refusal(`${describe(error)}\n\n${USAGE}`);
  }
}

function run(task: Task, { data, file }: Options): string {
  if (task === 'sealer') {
    const { chainId, sealer } = folderRules(data);
    return `Blocks of chain ${chainId} are sealed by ${sealer.symId}. Sealer key:\n${sealerKeyText({ chainId, sealer })}`;
  }
  const report = progress();
  if (task === 'export') {
    exportFolder(data, file, report);
    return `Exported the chain of ${data} to ${file}.`;
  }
  const { blocks, transactions, citizenBlocks } =
    task === 'verify' ? verifyFolder(data, report) : importFolder(data, file, report);
  const counts = `${blocks} blocks with ${transactions} transactions and ${citizenBlocks} citizen blocks`;
  return task === 'verify'
    ? `Verified ${counts}: everything is as it was made.`
    : `Imported ${counts} into ${data}. Put the chain's sealer.key and ca.key there before a node goes on with it.`;
}

/** The chain and the hash of its sealer's key, as the scanner takes them: `7777:0x096d…`. */
export const sealerKeyText = ({
  chainId,
  sealer,
}: Pick<ReturnType<typeof folderRules>, 'chainId' | 'sealer'>): string => `${chainId}:${toHex0x(sealer.keyHash)}`;

const TELL_EVERY_MS = 2_000;

/** Tells how far it has come, from time to time. */
function progress(): Progress {
  let toldMs = systemClock.monotonicMs();
  return ({ blocks, transactions }) => {
    if (systemClock.monotonicMs() - toldMs < TELL_EVERY_MS) return;
    toldMs = systemClock.monotonicMs();
    console.log(`  block ${blocks - 1}, ${transactions} transactions …`);
  };
}

const REFUSALS = [
  ChainFileError,
  DamagedStorageError,
  DifferentChainError,
  DifferentStateError,
  GenesisError,
  NodeFolderError,
  StorageInUseError,
];

/** A file that cannot be opened, or a full disk. */
const isFileError = (error: unknown): boolean => error instanceof Error && 'syscall' in error;

const describe = (error: unknown): string => (error instanceof Error ? error.message : String(error));
