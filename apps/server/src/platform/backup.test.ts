import { readFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { backUp, BackupError, restore } from './backup.ts';
import { createTestDatabase, type TestDatabase } from './testing.ts';

let source: TestDatabase;
let folder: string;
beforeAll(async () => {
  source = await createTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'jigeum-backup-'));
  await sql`
    insert into wallets (id, kind, chain_id, state, key_hash, address, sealed_keystore, gas_available, created_at, next_attempt_at)
    select gen_random_uuid(), kind, 7, 'ready', decode(lpad(to_hex(n), 40, '0'), 'hex'), '0x' || n, '\\x00ff', 10 ^ 30, now(), now()
    from (values ('treasury', 1), ('reserve', 2)) as w (kind, n)
  `.execute(source.db);
  await sql`
    insert into tokens (id, symbol, name, decimals, chain_id, state, created_at)
    values (gen_random_uuid(), 'EST', E'a "name"\n with \\\\ and 원', 18, 7, 'creating', now())
  `.execute(source.db);
  await sql`
    insert into event_outbox (member_id, kind, subject_id, created_at)
    select gen_random_uuid(), 'me', gen_random_uuid(), now() from generate_series(1, 1200)
  `.execute(source.db);
});
afterAll(async () => {
  await source.drop();
  await rm(folder, { recursive: true, force: true });
});

const contentOf = async ({ db }: TestDatabase) => [
  (await sql`select to_jsonb(w) as row from wallets w order by id`.execute(db)).rows,
  (await sql`select to_jsonb(t) as row from tokens t order by id`.execute(db)).rows,
  (await sql`select count(*) as count, max(id) as newest from event_outbox`.execute(db)).rows,
];

test('restores every row into an empty database, to the microsecond and the last digit', async () => {
  const file = join(folder, 'whole.jigeum');
  const rows = await backUp({ url: source.ownerUrl }, file);
  expect(rows).toBeGreaterThan(1200);
  const target = await createTestDatabase();
  try {
    expect(await restore({ url: target.ownerUrl }, file)).toBe(rows);
    expect(await contentOf(target)).toEqual(await contentOf(source));
    // The next event takes the next number, triggers and references are there again.
    await sql`insert into event_outbox (member_id, kind, subject_id, created_at) values (gen_random_uuid(), 'me', gen_random_uuid(), now())`.execute(
      target.db,
    );
    await expect(
      sql`insert into sessions (id_hash, member_id, created_at, last_seen_at, expires_at) values ('\\x00', gen_random_uuid(), now(), now(), now())`.execute(
        target.db,
      ),
    ).rejects.toMatchObject({ code: '23503' });
    await expect(restore({ url: target.ownerUrl }, file)).rejects.toThrow('got one with wallets');
  } finally {
    await target.drop();
  }
});

test('refuses a file of which a part is missing or changed, and writes nothing', async () => {
  const file = join(folder, 'whole.jigeum');
  await backUp({ url: source.ownerUrl }, file);
  const text = gunzipSync(await readFile(file)).toString('utf8');
  const target = await createTestDatabase();
  try {
    for (const [name, broken] of [
      ['cut', text.slice(0, text.length - 200)],
      ['changed', text.replace('treasury', 'reserve2')],
    ] as const) {
      const path = join(folder, name);
      await writeFile(path, gzipSync(broken));
      await expect(restore({ url: target.ownerUrl }, path)).rejects.toBeInstanceOf(BackupError);
    }
    expect((await sql`select from wallets`.execute(target.db)).rows).toEqual([]);
  } finally {
    await target.drop();
  }
});
