/** `jigeum audit verify | show | key`: what an operator, or a stranger with the right to read, asks of an audit log. */
import { parseArgs } from 'node:util';
import { createSymverseDriver } from '@jigeum/chain-symverse';
import { randomIds, systemClock } from '@jigeum/std';
import { nativeCrypto } from '@jigeum/symverse/native';
import { readAuditKey, readSecretFile, readServerKey, type AuditEnvironment } from '#config';
import { createSecrets, openDb, type Db, type Secrets } from '#platform';
import { readAnchorFile } from './anchor-file.ts';
import { createAuditKey } from './audit-key.ts';
import type { Checkpoint, Head, Signed } from './checkpoint.ts';
import { checkClaims, readAnchors } from './read-anchors.ts';
import * as store from './store.ts';
import { inOneState, verifyAudit, type Verdict } from './verify.ts';

const USAGE = `Usage:
  jigeum audit verify [--anchors chain|file]... [--from <link>] [--from-block <block>]
  jigeum audit show [--subject <uuid>] [--actor <actor>] [--act <act>] [--since <instant>] [--until <instant>] [--limit 50]
  jigeum audit key

verify       checks rows, links, checkpoints and anchors; ends with status 1 where anything is wrong
show         prints rows, newest first
key          prints the audit key's public half, which a stranger needs to verify

--data       folder of an embedded instance; without it the environment of a server is used
--database   PostgreSQL address (jigeum_auditor may read what is needed), --password-file with its password
--server-key file of the server key; without one HMACs are not checked, only links, signatures and anchors
--key        public half of a trusted audit key, 64 hex digits; may be repeated after a key was exchanged
--anchors    where to look for anchors: chain, file, none; whatever is configured, unless given
--anchor-file  a file of anchors; may be repeated
--chain, --chain-id  JSON-RPC of a node and its chain
--from       begins after this link, whose hash is believed
--from-block looks for anchors from this block on; unless given, from the last one that the log names`;

/** A row that is younger may not be chained yet. */
const CHAINED_WITHIN_MS = 60_000;

export interface AuditCommandIo {
  print(line: string): void;
  env: AuditEnvironment;
}

/** Runs the command and returns its exit status. Throws `AuditCommandError` with a sentence where it cannot run. */
export async function auditCommand(argv: readonly string[], io: AuditCommandIo): Promise<number> {
  const { values, positionals } = parse(argv);
  const [verb, ...rest] = positionals;
  if (values.help) {
    io.print(USAGE);
    return 0;
  }
  if (rest.length === 0 && verb === 'key') return printKey(io);
  if (rest.length === 0 && verb === 'show') return await withDb(io, values, (db) => show(io, db, values));
  if (rest.length === 0 && verb === 'verify') return await withDb(io, values, (db) => verify(io, db, values));
  throw new AuditCommandError(USAGE);
}

/** What stands in the way of the command, for whoever gave it. */
export class AuditCommandError extends Error {
  override readonly name = 'AuditCommandError';
}

type Values = ReturnType<typeof parse>['values'];

function parse(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        database: { type: 'string' },
        'password-file': { type: 'string' },
        'server-key': { type: 'string' },
        key: { type: 'string', multiple: true },
        anchors: { type: 'string', multiple: true },
        'anchor-file': { type: 'string', multiple: true },
        chain: { type: 'string' },
        'chain-id': { type: 'string' },
        from: { type: 'string', default: '0' },
        'from-block': { type: 'string' },
        subject: { type: 'string' },
        actor: { type: 'string' },
        act: { type: 'string' },
        since: { type: 'string' },
        until: { type: 'string' },
        limit: { type: 'string', default: '50' },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (cause) {
    throw new AuditCommandError(`${(cause as Error).message}\n\n${USAGE}`, { cause });
  }
}

async function withDb(io: AuditCommandIo, values: Values, work: (db: Db) => Promise<number>): Promise<number> {
  const url = values.database ?? io.env.databaseUrl;
  if (url === undefined) throw new AuditCommandError('Expected a database: --database, --data or DATABASE_URL.');
  const file = values['password-file'] ?? (values.database === undefined ? io.env.databasePasswordFile : undefined);
  const { db, close } = openDb({
    url,
    ...(file === undefined ? {} : { password: () => Buffer.from(readSecretFile(file)).toString('utf8') }),
    connectionsMax: 1,
    applicationName: 'jigeum audit',
  });
  try {
    return await work(db);
  } finally {
    await close();
  }
}

function printKey(io: AuditCommandIo): number {
  if (io.env.auditKeyFile === undefined) throw new AuditCommandError('Expected AUDIT_KEY_FILE, or --data.');
  io.print(publicKeyOf(io.env.auditKeyFile));
  return 0;
}

function publicKeyOf(file: string): string {
  const secret = readAuditKey(file);
  const { publicKey } = createAuditKey(secret);
  secret.fill(0);
  return publicKey;
}

async function show(io: AuditCommandIo, db: Db, values: Values): Promise<number> {
  const rows = await store.findRows(db, {
    subject: values.subject,
    actor: values.actor,
    act: values.act,
    since: instantOf('--since', values.since),
    until: instantOf('--until', values.until),
    limit: numberOf('--limit', values.limit),
  });
  for (const row of rows) {
    const place = row.seq === null ? '-' : String(row.seq);
    io.print(
      [
        place,
        row.at.toISOString(),
        row.actor,
        row.act,
        row.subject ?? '-',
        row.request === '' ? '-' : row.request,
        row.facts,
      ].join('  '),
    );
  }
  return 0;
}

async function verify(io: AuditCommandIo, db: Db, values: Values): Promise<number> {
  const trusted = trustedKeys(io, values);
  const kept = await keptAnchors(io, db, values, trusted);
  const startedMs = systemClock.monotonicMs();
  const verdict = await inOneState(db, (trx) =>
    verifyAudit(trx, {
      secrets: secretsOf(io, values),
      trusted,
      anchors: kept,
      afterSeq: BigInt(numberOf('--from', values.from)),
      unlinkedSince: new Date(systemClock.nowMs() - CHAINED_WITHIN_MS),
    }),
  );
  const problems = [...verdict.findings.map(({ problem }) => problem), ...kept.problems];
  const seconds = (systemClock.monotonicMs() - startedMs) / 1000;
  for (const line of linesOf(verdict, { seconds, hasSecrets: secretsOf(io, values) !== null })) io.print(line);
  const count = verdict.findingCount + kept.problems.length;
  io.print(count === 0 ? 'The audit log is whole.' : `The audit log is NOT whole. ${count} findings, the first ones:`);
  for (const [index, problem] of problems.entries()) {
    const finding = verdict.findings[index];
    io.print(`- ${finding?.where === 'row' ? `row ${finding.name}: ` : ''}${problem}`);
  }
  return count === 0 ? 0 : 1;
}

function linesOf(verdict: Verdict, { seconds, hasSecrets }: { seconds: number; hasSecrets: boolean }): string[] {
  const rate = Math.round(Number(verdict.links) / seconds);
  return [
    `links        ${verdict.links} in ${seconds.toFixed(1)} s, ${rate} rows/s`,
    `HMACs        ${hasSecrets ? 'checked' : 'not checked: no server key'}`,
    `checkpoints  ${verdict.checkpoints}`,
    `anchors      ${verdict.anchors} kept outside of the database`,
    `waiting      ${verdict.waiting} rows are not chained yet`,
  ];
}

function trustedKeys(io: AuditCommandIo, values: Values): Set<string> {
  const given = values.key ?? (io.env.auditKeyFile === undefined ? [] : [publicKeyOf(io.env.auditKeyFile)]);
  for (const key of given)
    if (!/^[0-9a-f]{64}$/.test(key))
      throw new AuditCommandError(`Expected 64 hex digits after --key, got ${key.length}.`);
  if (given.length === 0)
    throw new AuditCommandError(
      "Expected the audit key's public half: --key, --data or AUDIT_KEY_FILE. A key that the database names proves nothing.",
    );
  return new Set(given);
}

function secretsOf(io: AuditCommandIo, values: Values): Secrets | null {
  const file = values['server-key'] ?? io.env.serverKeyFile;
  if (file === undefined) return null;
  const key = readServerKey(file);
  const secrets = createSecrets({ ids: randomIds }, key);
  key.fill(0);
  return secrets;
}

interface Kept {
  heads: Signed<Head>[];
  checkpoints: Signed<Checkpoint>[];
  /** Anchors that the database names and the chain does not have so. */
  problems: string[];
}

async function keptAnchors(io: AuditCommandIo, db: Db, values: Values, trusted: ReadonlySet<string>): Promise<Kept> {
  const kept: Kept = { heads: [], checkpoints: [], problems: [] };
  const files = values['anchor-file'] ?? (io.env.anchorPath === undefined ? [] : [io.env.anchorPath]);
  const chainUrl = values.chain ?? io.env.chainUrl;
  const wanted = new Set(
    values.anchors ?? [...(files.length > 0 ? ['file'] : []), ...(chainUrl === undefined ? [] : ['chain'])],
  );
  for (const kind of wanted)
    if (!['chain', 'file', 'none'].includes(kind))
      throw new AuditCommandError(`Expected chain, file or none after --anchors, got ${kind}.`);
  if (wanted.has('file')) {
    if (files.length === 0) throw new AuditCommandError('Expected --anchor-file or AUDIT_ANCHOR_PATH.');
    for (const path of files) await addFile(io, kept, path);
  }
  if (wanted.has('chain')) {
    if (chainUrl === undefined) throw new AuditCommandError('Expected --chain or CHAIN_URL.');
    await addChain(io, db, { kept, values, trusted, chainUrl });
  }
  return kept;
}

async function addFile(io: AuditCommandIo, kept: Kept, path: string): Promise<void> {
  const file = await readAnchorFile(path).catch((cause: unknown) => {
    throw new AuditCommandError(
      `The file of anchors ${path} cannot be read (${(cause as NodeJS.ErrnoException).code}).`,
      {
        cause,
      },
    );
  });
  for (const head of file.heads) kept.heads.push(head);
  for (const checkpoint of file.checkpoints) kept.checkpoints.push(checkpoint);
  if (file.unreadable > 0)
    io.print(`${file.unreadable} lines of ${path} cannot be read: cut off by a crash, or not ours.`);
}

async function addChain(
  io: AuditCommandIo,
  db: Db,
  { kept, values, trusted, chainUrl }: { kept: Kept; values: Values; trusted: ReadonlySet<string>; chainUrl: string },
): Promise<void> {
  const chainId = numberOf('--chain-id or CHAIN_ID', values['chain-id'] ?? io.env.chainId);
  const chain = createSymverseDriver({ node: chainUrl, chainId, crypto: nativeCrypto });
  const claims = await store.claimedAnchors(db);
  kept.problems.push(...(await checkClaims(chain, claims)));
  const given = values['from-block'];
  const fromBlock = given === undefined ? (claims.at(-1)?.block ?? 0) : numberOf('--from-block', given);
  io.print(`Looking for anchors on the chain from block ${fromBlock} …`);
  const anchors = await readAnchors(chain, {
    fromBlock,
    trusted,
    onBlocks: (done, of) => {
      if (done % 16_000 === 0) io.print(`${done} of ${of} blocks`);
    },
  });
  for (const { checkpoint } of anchors) kept.checkpoints.push(checkpoint);
}

function numberOf(name: string, text: string | undefined): number {
  if (text === undefined || !/^[0-9]{1,15}$/.test(text))
    throw new AuditCommandError(`Expected a number for ${name}, got ${text ?? 'nothing'}.`);
  return Number(text);
}

function instantOf(name: string, text: string | undefined): Date | undefined {
  if (text === undefined) return undefined;
  const at = new Date(text);
  if (Number.isNaN(at.getTime()))
    throw new AuditCommandError(`Expected an instant such as 2026-11-26T00:00:00Z for ${name}, got ${text}.`);
  return at;
}
