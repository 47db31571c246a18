/** `jigeum up` (and `npm start`): the whole product, until Ctrl-C. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { systemClock } from '@jigeum/std';
import { readCliConfig, type CliConfig } from '../config.ts';
import { writeAtomically } from '../embedded/data-folder.ts';
import { startInstance, type Instance } from '../embedded/instance.ts';
import { joinTestPeople, testPeople } from '../embedded/test-people.ts';
import { Refusal } from '../refusal.ts';

const USAGE = `Usage: npm start -- [--port 8080] [--data ./data] [--block-ms 1000] [--no-people] [--no-web]

Runs database, work node, CA, simulators and payment server, all on this machine, until Ctrl-C.
--port       the web server's port; the five ports that follow are taken as well; 0 takes free ones
--data       where everything is kept; made when it does not exist
--block-ms   one block in so many milliseconds
--no-people  do not make the two test people at the first start
--no-web     serve the API only`;

const PARENT_CHECK_MS = 1_000;

export async function upCommand(argv: string[]): Promise<void> {
  const { values } = parseArgs({
    args: argv,
    options: {
      port: { type: 'string', default: '8080' },
      data: { type: 'string' },
      'block-ms': { type: 'string', default: '1000' },
      'no-people': { type: 'boolean', default: false },
      'no-web': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const config = readCliConfig();
  const startedAt = systemClock.monotonicMs();
  const dataDir = resolve(values.data ?? join(config.rootDir, 'data'));
  const say = (sentence: string): void => console.log(`  ${sentence}`);
  console.log(`Jigeum starts. Everything is kept in ${dataDir}`);
  const ending = untilAskedToStop(config);
  let isReady = false;
  void ending.then((reason) => {
    if (isReady) return;
    console.log(`Stopped before it was ready (${reason}). What was made so far is used by the next start.`);
    // The parts end by themselves when their channel to us closes.
    process.exit(1);
  });
  const instance = await startInstance({
    config,
    dataDir,
    port: wholeNumber('--port', values.port, 0, 65_000),
    blockMs: wholeNumber('--block-ms', values['block-ms'], 50, 60_000),
    hasWeb: !values['no-web'],
    say,
  });
  isReady = true;
  try {
    if (!values['no-people']) await makePeopleOnce(instance, say);
    console.log(banner(instance, !values['no-people'], (systemClock.monotonicMs() - startedAt) / 1000));
    process.on('message', (message: { kind?: string }) => {
      if (message.kind === 'pids') process.send?.({ kind: 'pids', pids: pidsOf(instance) });
    });
    process.send?.({ kind: 'ready', places: instance.places, ownerDatabase: instance.ownerDatabase });
    const reason = await ending;
    console.log(`\nStopping (${reason}) …`);
  } finally {
    await instance.stop();
  }
  console.log('Stopped. Every balance is kept.');
  process.disconnect?.();
}

function wholeNumber(option: string, text: string, min: number, max: number): number {
  const value = /^[0-9]{1,6}$/.test(text) ? Number.parseInt(text, 10) : Number.NaN;
  if (!(value >= min && value <= max))
    throw new Refusal(`Expected ${option} as a whole number from ${min} to ${max}; got "${text}".`);
  return value;
}

/** The people exist once their note does; a start that was cut off tries again and says so when it cannot. */
async function makePeopleOnce(instance: Instance, say: (sentence: string) => void): Promise<void> {
  const note = join(instance.dataDir, 'platform', 'test-people.json');
  if (existsSync(note)) return;
  say('Two test people join and one charges 100,000 won …');
  try {
    await joinTestPeople(instance.places);
  } catch (error) {
    say(`The test people could not be completed: ${(error as Error).message} You can join by yourself.`);
  }
  writeAtomically(note, `${JSON.stringify(testPeople.map(({ memberId }) => memberId))}\n`, 0o644);
}

function banner(instance: Instance, hasPeople: boolean, seconds: number): string {
  const { places } = instance;
  const people = testPeople.map(
    (person) => `    ID ${person.memberId.padEnd(6)} 암호 ${person.passphrase.padEnd(18)} 결제 PIN ${person.pin}`,
  );
  return [
    '',
    `  Jigeum runs (${seconds.toFixed(1)} s)`,
    '',
    `    앱 App              ${places.webUrl}`,
    `    스캐너 Scanner      ${places.webUrl}/scan`,
    `    API                 ${places.webUrl}/docs`,
    `    문자 SMS inbox      ${places.smsUrl}   (simulation)`,
    `    은행 Bank           ${places.bankUrl}   (simulation)`,
    `    Work node JSON-RPC  ${places.nodeUrl}`,
    ...(hasPeople ? ['', '  Test people (they exist on this instance only)', ...people] : []),
    '',
    '  Ctrl-C stops it.',
  ].join('\n');
}

const pidsOf = (instance: Instance): Record<string, number | undefined> =>
  Object.fromEntries([...instance.children].map(([name, child]) => [name, child.pid()]));

/** Resolves on SIGINT, SIGTERM, the end of the npm that started us, or the end of a parent that speaks IPC. */
function untilAskedToStop(config: CliConfig): Promise<string> {
  return new Promise((resolveReason) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolveReason(signal));
    process.once('disconnect', () => resolveReason('its parent has ended'));
    // To listen for that holds the process; what it runs holds it already, and after a refusal it ends.
    process.channel?.unref();
    if (!config.isUnderNpm) return;
    // npm runs a shell that runs us: when npm is killed the shell lives on, so the shell's parent is watched as well.
    const ancestry = ancestors();
    setInterval(() => {
      if (ancestors() !== ancestry) resolveReason('npm has ended');
    }, PARENT_CHECK_MS).unref();
  });
}

/** Parent and grandparent; only the parent where there is no /proc. */
function ancestors(): string {
  try {
    const stat = readFileSync(`/proc/${process.ppid}/stat`, 'utf8');
    return `${process.ppid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]}`;
  } catch {
    // Not Linux, or the parent ended this very moment: then the parent's own number changes.
    return `${process.ppid}`;
  }
}
