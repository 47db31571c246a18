#!/usr/bin/env node
/** `jigeum`: runs the platform and its parts, and the operator's tasks. */
import { Refusal } from './refusal.ts';

interface Command {
  readonly summary: string;
  run(argv: string[]): Promise<void>;
}

const commands: Record<string, Command> = {
  up: {
    summary: 'run the whole product on embedded defaults',
    run: async (argv) => (await import('./commands/up.ts')).upCommand(argv),
  },
  demo: {
    summary: 'show the first payment on a throw-away instance and check every figure',
    run: async (argv) => (await import('./commands/demo.ts')).demoCommand(argv),
  },
  serve: {
    summary: 'answer HTTP (configuration by environment; more than one may run)',
    run: async (argv) => (await import('./commands/server.ts')).serverCommand(['serve', ...argv]),
  },
  work: {
    summary: 'send and confirm payments (more than one may run)',
    run: async (argv) => (await import('./commands/server.ts')).serverCommand(['work', ...argv]),
  },
  migrate: {
    summary: 'bring the database to the newest schema',
    run: async (argv) => (await import('./commands/server.ts')).serverCommand(['migrate', ...argv]),
  },
  config: {
    summary: 'print the configuration without secrets',
    run: async (argv) => (await import('./commands/server.ts')).configCommand(argv),
  },
  audit: {
    summary: 'verify | show the audit log, print its key',
    run: async (argv) => (await import('./commands/server.ts')).auditCommand(argv),
  },
  node: {
    summary: 'run the work node alone: --port --data --chain-id --block-ms',
    run: async (argv) => (await import('./commands/node.ts')).nodeCommand(argv),
  },
  alarms: {
    summary: 'list | ack | resolve what an operator must look at',
    run: async (argv) => (await import('./commands/alarms.ts')).alarmsCommand(argv),
  },
  outflow: {
    summary: 'list | stop | resume signing, of the platform or one token',
    run: async (argv) => (await import('./commands/outflow.ts')).outflowCommand(argv),
  },
  wallet: {
    summary: 'freeze | unfreeze a wallet',
    run: async (argv) => (await import('./commands/wallet.ts')).walletCommand(argv),
  },
  transfer: {
    summary: 'show where a payment stands and why; list those that wait',
    run: async (argv) => (await import('./commands/transfer.ts')).transferCommand(argv),
  },
  reconcile: {
    summary: 'compare ledger and chain; decide on a difference',
    run: async (argv) => (await import('./commands/reconcile.ts')).reconcileCommand(argv),
  },
  recover: {
    summary: 'bring a restored database up to the chain, plan first',
    run: async (argv) => (await import('./commands/recover.ts')).recoverCommand(argv),
  },
  backup: {
    summary: 'write the database into a file while everything runs',
    run: async (argv) => (await import('./commands/backup.ts')).backupCommand(argv),
  },
  restore: {
    summary: 'read a backup into the database of a stopped instance',
    run: async (argv) => (await import('./commands/backup.ts')).restoreCommand(argv),
  },
  token: {
    summary: 'create | mint | burn | pause | unpause | show a token',
    run: async (argv) => (await import('./commands/token.ts')).tokenCommand(argv),
  },
  webhooks: {
    summary: 'list | add | rotate | remove who is told of payments; deliveries | retry | redeliver',
    run: async (argv) => (await import('./commands/webhooks.ts')).webhooksCommand(argv),
  },
  gas: {
    summary: 'how long the treasury lasts, and what was granted today',
    run: async (argv) => (await import('./commands/gas.ts')).gasCommand(argv),
  },
  keystore: {
    summary: 'new | open | change a keystore file',
    run: async (argv) => (await import('./commands/keystore.ts')).keystoreCommand(argv),
  },
  verify: {
    summary: 'check a receipt file by itself, without any server',
    run: async (argv) => (await import('./commands/verify.ts')).verifyCommand(argv),
  },
  tx: {
    summary: 'show a transaction of the chain by its hash',
    run: async (argv) => (await import('./commands/tx.ts')).txCommand(argv),
  },
};

function usage(): string {
  const rows = Object.entries(commands).map(([name, command]) => `  ${name.padEnd(10)} ${command.summary}`);
  return [
    'Usage: npm run jigeum -- <command> [options]',
    '',
    ...rows,
    '',
    'Each command explains itself with --help.',
  ].join('\n');
}

/** Words that `parseArgs` cannot make out: an unknown option, a missing value. */
const isUnreadable = (error: unknown): error is Error =>
  error instanceof TypeError && String((error as { code?: unknown }).code).startsWith('ERR_PARSE_ARGS_');

const [name, ...argv] = process.argv.slice(2);
const command = name === undefined ? undefined : commands[name];
if (command === undefined) {
  const isHelp = name === undefined || name === 'help' || name === '--help';
  (isHelp ? console.log : console.error)(isHelp ? usage() : `There is no command "${name}".\n\n${usage()}`);
  process.exitCode = isHelp ? 0 : 2;
} else {
  try {
    await command.run(argv);
  } catch (error) {
    if (isUnreadable(error)) {
      console.error(`${error.message}\n"npm run jigeum -- ${name} --help" says what it takes.`);
      process.exitCode = 2;
    } else if (error instanceof Refusal) {
      console.error(error.message);
      process.exitCode = 1;
    } else throw error;
  }
}
