import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AuditEnvironment } from '#config';
import { audit, inTrx } from '#platform';
import { startTestPlatform, type TestPlatform } from '../transfers/testing.ts';
import { createAuditKey } from './audit-key.ts';
import { CHAIN_BOUNDS, chainRows } from './chain-job.ts';
import { checkpointAuditJob } from './checkpoint-job.ts';
import { auditCommand } from './command.ts';

const KEY = '0a'.repeat(32);
const key = createAuditKey(Buffer.from(KEY, 'hex'));
const wallet = '018bcfe5-6800-7000-8000-0000000000aa';

let platform: TestPlatform;
let owner: pg.Client;
let folder: string;
let env: AuditEnvironment;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'jigeum-audit-command-'));
  const file = (name: string, content: string) => {
    writeFileSync(join(folder, name), content, { mode: 0o400 });
    return join(folder, name);
  };
  platform = await startTestPlatform();
  owner = new pg.Client({ connectionString: platform.deps.database.ownerUrl });
  await owner.connect();
  env = {
    databaseUrl: platform.deps.database.url,
    databasePasswordFile: undefined,
    // What the tests' secrets are made of.
    serverKeyFile: file('server-key', '07'.repeat(32)),
    auditKeyFile: file('audit-key', KEY),
    anchorPath: join(folder, 'anchors'),
    chainUrl: platform.node.rpcUrl,
    chainId: '7',
  };
  const settings = {
    keyFile: null,
    anchorPath: env.anchorPath!,
    isOnChain: true,
    checkpointRows: 10,
    checkpointMinutes: 60,
  };
  const deps = { ...platform.deps, config: { ...platform.deps.config, audit: settings } };
  const job = checkpointAuditJob(deps, key);
  const chain = () => inTrx(deps, (trx) => chainRows(deps, trx, CHAIN_BOUNDS));
  for (let round = 0; round < 3; round++) {
    for (let index = 0; index < 10; index++)
      await inTrx(deps, (trx) =>
        audit(deps, trx, {
          actor: 'job:test',
          act: 'key.opened',
          subject: wallet,
          facts: { why: `${round} ${index}` },
        }),
      );
    await chain();
    await job.run(new AbortController().signal);
    await platform.settle();
  }
  await chain();
});
afterAll(async () => {
  await owner.end();
  await platform.stop();
  rmSync(folder, { recursive: true });
});

async function run(
  argv: string[],
  given: Partial<AuditEnvironment> = {},
): Promise<{ status: number; lines: string[] }> {
  const lines: string[] = [];
  const status = await auditCommand(argv, { env: { ...env, ...given }, print: (line) => void lines.push(line) });
  return { status, lines };
}

/** Runs `work` while the log is changed by a superuser, and changes it back. */
async function whileChanged<T>(statements: [string, string], work: () => Promise<T>): Promise<T> {
  const change = (statement: string) =>
    owner.query(`set session_replication_role = replica; ${statement}; set session_replication_role = origin`);
  await change(statements[0]);
  try {
    return await work();
  } finally {
    await change(statements[1]);
  }
}

describe('jigeum audit verify', () => {
  test('finds a log whole by its keys, its file and its chain', async () => {
    const { status, lines } = await run(['verify']);
    expect(lines.at(-1)).toBe('The audit log is whole.');
    expect(status).toBe(0);
    expect(lines.join('\n')).toMatch(/links +\d{2,} in [\d.]+ s, \d+ rows\/s/);
    expect(lines).toContain('HMACs        checked');
    expect(lines).toContain('checkpoints  3');
  });

  test('names the first bad row and what is wrong with it, and ends with status 1', async () => {
    const { rows } = await owner.query<{ id: string; seq: string }>(
      `select a.id, l.seq from audit_log a join audit_links l on l.row_id = a.id where act = 'key.opened' order by l.seq offset 12 limit 2`,
    );
    const where = `where id in ('${rows[0]!.id}', '${rows[1]!.id}')`;
    const { status, lines } = await whileChanged(
      [`update audit_log set actor = 'operator' ${where}`, `update audit_log set actor = 'job:test' ${where}`],
      () => run(['verify']),
    );
    expect(status).toBe(1);
    expect(lines).toContain('The audit log is NOT whole. 2 findings, the first ones:');
    expect(lines.at(-2)).toBe(
      `- row ${rows[0]!.id}: Link ${rows[0]!.seq}: its row was changed, or was not written by the platform: the HMAC does not fit.`,
    );
    expect((await run(['verify'])).status).toBe(0);
  });

  test('lets a stranger check links, signatures and anchors with the public key and the right to read, without the server key', async () => {
    const { rows } = await owner.query<{ seq: string }>('select seq from audit_links order by seq offset 3 limit 1');
    const stranger = { serverKeyFile: undefined, auditKeyFile: undefined, anchorPath: undefined };
    const argv = ['verify', '--key', key.publicKey, '--anchors', 'chain', '--from-block', '0'];
    const whole = await run(argv, stranger);
    expect(whole.lines).toContain('HMACs        not checked: no server key');
    expect(whole.lines.at(-1)).toBe('The audit log is whole.');
    const broken = await whileChanged(
      [
        `update audit_links set seq = seq + 1000000 where seq = ${rows[0]!.seq}`,
        `update audit_links set seq = seq - 1000000 where seq = ${rows[0]!.seq} + 1000000`,
      ],
      () => run(argv, stranger),
    );
    expect(broken.status).toBe(1);
    expect(broken.lines.join('\n')).toContain(`Expected link ${rows[0]!.seq}, got link`);
  });

  test('finds by the chain alone that the log was brought back to an older checkpoint, anchors and all', async () => {
    await owner.query('create schema kept');
    const tables = ['audit_log', 'audit_links', 'audit_checkpoints', 'chain_outbox'];
    for (const table of tables) await owner.query(`create table kept.${table} as table ${table}`);
    const back = tables
      .map((table) => `delete from ${table}; insert into ${table} select * from kept.${table}`)
      .join('; ');
    const { status, lines } = await whileChanged(
      [
        `delete from chain_outbox where purpose = 'anchor' and id <> (select id from chain_outbox where purpose = 'anchor' order by block_number limit 1);
         delete from audit_checkpoints where number > 1;
         delete from audit_log where id in (select row_id from audit_links where seq > (select max(seq) from audit_checkpoints));
         delete from audit_links where seq > (select max(seq) from audit_checkpoints);
         delete from audit_log a where not exists (select from audit_links l where l.row_id = a.id)`,
        back,
      ],
      () => run(['verify', '--anchors', 'chain']),
    );
    expect(status).toBe(1);
    expect(lines.join('\n')).toMatch(/Checkpoint 3 of .* is anchored, and the log does not have it/);
    expect((await run(['verify'])).status).toBe(0);
  });

  test('finds an anchor that the database claims and the chain does not have', async () => {
    const { status, lines } = await whileChanged(
      [
        `update chain_outbox set block_number = block_number + 1 where purpose = 'anchor'`,
        `update chain_outbox set block_number = block_number - 1 where purpose = 'anchor'`,
      ],
      () => run(['verify', '--anchors', 'chain']),
    );
    expect(status).toBe(1);
    expect(lines.join('\n')).toMatch(/Expected the anchor 0x[0-9a-f]{64} in block \d+, the chain has it in \d+\./);
  });

  test('begins where it is told to', async () => {
    const { status, lines } = await run(['verify', '--from', '20']);
    expect(lines.at(-1)).toBe('The audit log is whole.');
    expect(status).toBe(0);
    expect((await run(['verify', '--from', '999999'])).status).toBe(1);
  });

  test.each([
    ['no trusted key', ['verify'], { auditKeyFile: undefined }, /public half/],
    ['a key that is none', ['verify', '--key', 'abc'], {}, /64 hex digits/],
    ['no database', ['verify'], { databaseUrl: undefined }, /Expected a database/],
    [
      'a file of anchors that is not there',
      ['verify', '--anchor-file', '/nonexistent/x', '--anchors', 'file'],
      {},
      /cannot be read \(ENOENT\)/,
    ],
    ['anchors of another kind', ['verify', '--anchors', 'paper'], {}, /chain, file or none/],
    ['an unknown verb', ['check'], {}, /Usage/],
    ['an unknown option', ['verify', '--fast'], {}, /Usage/],
  ])('is refused with %s', async (_what, argv, given, message) => {
    await expect(run(argv, given)).rejects.toThrow(message);
  });
});

describe('jigeum audit show', () => {
  test('prints the newest rows that fit, newest first', async () => {
    const { lines } = await run(['show', '--subject', wallet, '--limit', '2']);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(new RegExp(`^\\d+  \\d{4}-.*Z  job:test  key\\.opened  ${wallet}  -  \\{"why":"2 9"\\}$`));
    expect((await run(['show', '--actor', 'job:nobody'])).lines).toEqual([]);
    expect((await run(['show', '--act', 'token.create'])).lines).toHaveLength(1);
    expect((await run(['show', '--since', '2999-01-01T00:00:00Z'])).lines).toEqual([]);
    expect((await run(['show', '--until', '2000-01-01T00:00:00Z'])).lines).toEqual([]);
    await expect(run(['show', '--since', 'yesterday'])).rejects.toThrow('Expected an instant');
    await expect(run(['show', '--subject', 'x'])).rejects.toThrow();
  });
});

test("jigeum audit key prints the audit key's public half", async () => {
  expect(await run(['key'])).toEqual({ status: 0, lines: [key.publicKey] });
});
