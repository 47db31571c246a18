/** `npm run bench -- <case>`: starts what it measures and a reference, loads both in turn, prints a table, draws. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { systemClock } from '@jigeum/std';
import type { BenchCase, BenchSetting, CaseReport, RunRecord } from './bench-case.ts';
import { nodeGrowth } from './cases/node-growth.ts';
import { nodeReads } from './cases/node-reads.ts';
import { nodeStorage } from './cases/node-storage.ts';
import { nodeTransfers } from './cases/node-transfers.ts';
import { scannerPages } from './cases/scanner-pages.ts';
import { transfers } from './cases/transfers.ts';
import { formatMachine, machineFacts } from './machine.ts';
import { OptionsError, parseOptions, type BenchOptions } from './options.ts';

const CASES: readonly BenchCase[] = [nodeReads, nodeTransfers, nodeStorage, nodeGrowth, transfers, scannerPages];
const RESULTS = new URL('./results/', import.meta.url);
const TRANSACTIONS_DEFAULT = 1_000_000;
const ACCOUNTS_DEFAULT = 100_000;

const USAGE = `Usage: npm run bench -- <case> [--seconds n] [--connections n] [--json] [--cpu-prof]
       [--transactions n] [--accounts n]

${CASES.map(({ name, explains, secondsDefault, connectionsDefault }) => `${name.padEnd(16)} ${explains} (${secondsDefault} s, ${connectionsDefault} connections)`).join('\n')}

--seconds      how long each side is measured
--connections  each has one request under way at any time
--transactions of node-growth, node-storage and scanner-pages: the length of the chain; of transfers: past payments (1,000,000)
--accounts     of node-growth and scanner-pages: how many people there are (100,000)
--json         prints the figures as JSON instead of the table
--cpu-prof     keeps V8's processor profiles of the measured process in bench/results/profiles/

Every sample is kept in bench/results/<case>.json, and drawn in bench/results/<case>-*.svg.`;

try {
  const options = parseOptions(
    process.argv.slice(2),
    CASES.map(({ name }) => name),
  );
  if (options === undefined) console.log(USAGE);
  else await bench(options);
} catch (error) {
  if (!(error instanceof OptionsError)) throw error;
  console.error(`${error.message}\n\n${USAGE}`);
  process.exitCode = 1;
}

async function bench(options: BenchOptions): Promise<void> {
  const benchCase = CASES.find(({ name }) => name === options.caseName)!;
  const { name: caseName, secondsDefault, connectionsDefault, connectionsMax } = benchCase;
  const connections = options.connections ?? connectionsDefault;
  if (connections > connectionsMax)
    throw new OptionsError(`Expected at most ${connectionsMax} connections for ${caseName}; got ${connections}.`);
  const say = (text: string): void => (options.isJson ? undefined : console.log(text));
  await using closing = new AsyncDisposableStack();
  const stopAtSignal = (): void => void closing.disposeAsync().then(() => process.exit(130));
  process.once('SIGINT', stopAtSignal);
  process.once('SIGTERM', stopAtSignal);

  const setting: BenchSetting = {
    ...{ connections, closing, say },
    seconds: options.seconds ?? secondsDefault,
    transactions: options.transactions ?? TRANSACTIONS_DEFAULT,
    accounts: options.accounts ?? ACCOUNTS_DEFAULT,
    profileFolder: options.isProfiled ? fileURLToPath(new URL('./profiles/', RESULTS)) : undefined,
  };
  const machine = machineFacts();
  const startedAtMs = systemClock.nowMs();
  say(formatMachine(machine));
  const report = await benchCase.run(setting);
  const { seconds, transactions, accounts } = setting;
  const asked = { seconds, connections, transactions, accounts };
  const { figures, samples, errors } = report;
  const record: RunRecord = { caseName, startedAtMs, machine, setting: asked, figures, errors, samples };
  if (options.isJson) console.log(JSON.stringify({ caseName, startedAtMs, machine, setting: asked, figures, errors }));
  say(`\n${report.text}\n`);
  for (const file of keep(record, report)) say(file);
  if (errors > 0) process.exitCode = 1;
}

/** Writes samples and drawings, and gives the names of the files. */
function keep(record: RunRecord, { plots }: CaseReport): string[] {
  mkdirSync(RESULTS, { recursive: true });
  const write = (name: string, text: string): string => {
    const file = fileURLToPath(new URL(name, RESULTS));
    writeFileSync(file, text);
    return file;
  };
  return [
    write(`${record.caseName}.json`, JSON.stringify(record)),
    ...plots.map(({ name, svg }) => write(`${record.caseName}-${name}.svg`, svg)),
  ];
}
