import { afterAll, beforeAll, expect, test } from 'vitest';
import pg from 'pg';
import { openDb } from './db.ts';
import { createListener } from './listen.ts';
import { createLog } from './log.ts';
import { createTestDatabase, type TestDatabase } from './testing.ts';
import { createWaker } from './wake.ts';

let database: TestDatabase;
let owner: pg.Client;
const log = createLog({ level: 'silent' });
beforeAll(async () => {
  database = await createTestDatabase();
  owner = new pg.Client({ connectionString: database.ownerUrl });
  await owner.connect();
});
afterAll(async () => {
  await owner.end();
  await database.drop();
});

test('hears again after its connection was cut, and says that something may have been missed', async () => {
  const heard: string[] = [];
  let connections = 0;
  const listener = createListener({ log }, { connectionString: database.url });
  listener.on('test_channel', (payload) => heard.push(payload));
  listener.onConnected(() => connections++);
  listener.start();
  await expect.poll(() => connections).toBe(1);
  await owner.query(`select pg_notify('test_channel', 'first')`);
  await expect.poll(() => heard).toEqual(['first']);
  // Other files' databases are in the same cluster, and listen too.
  await owner.query(`
    select pg_terminate_backend(pid) from pg_stat_activity
    where application_name = 'jigeum listen' and datname = current_database()
  `);
  await expect.poll(() => connections).toBe(2);
  await owner.query(`select pg_notify('test_channel', 'second')`);
  await expect.poll(() => heard).toEqual(['first', 'second']);
  await listener.stop();
});

test('a job that runs here is poked at once; one that runs elsewhere is woken by NOTIFY', async () => {
  const { pool, close } = openDb({ url: database.url, connectionsMax: 2, applicationName: 'jigeum test' });
  const [here, elsewhere] = [createWaker({ log, pool }), createWaker({ log, pool })];
  let pokes = 0;
  elsewhere.add('submit', { poke: () => pokes++, stop: async () => undefined });
  elsewhere.wake('submit');
  expect(pokes).toBe(1);

  let isConnected = false;
  const listener = createListener({ log }, { connectionString: database.url });
  listener.on('jigeum_wake', (job) => elsewhere.hear(job));
  listener.onConnected(() => (isConnected = true));
  listener.start();
  await expect.poll(() => isConnected).toBe(true);
  for (let index = 0; index < 20; index++) here.wake('submit');
  await expect.poll(() => pokes).toBe(2);
  await listener.stop();
  await close();
});

test('waking never throws, not even where the database is away', async () => {
  const pool = new pg.Pool({ connectionString: 'postgres://nobody@127.0.0.1:1/none' });
  createWaker({ log, pool }).wake('submit');
  await new Promise((resume) => setTimeout(resume, 50));
  await pool.end();
});
