/**
 * The checker sees what it is for: into a copy of a sound database each test plants one violation, as the owner and with every
 * trigger off, and finds it named. On the chain the violations are signed with a person's own key.
 */
import { globSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createApiClient } from '@jigeum/api';
import { startCluster, type Cluster } from '../../cluster/cluster.ts';
import { sendBeside } from '../../cluster/sign-beside.ts';
import { until } from '../../cluster/until.ts';
import { Random } from '../../fuzz/random.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../storm/receiver.ts';
import {
  createChecker,
  type Checker,
  type CheckerOptions,
  type SeenAnswer,
  type SeenWebhook,
  type SeenWebhooks,
} from './checker.ts';

let cluster: Cluster;
let answers: SeenAnswer[];
let till: WebhookReceiver;
let webhooks: SeenWebhooks;
let copies = 0;

beforeAll(async () => {
  cluster = await startCluster({
    ...{ replicas: 1, people: 4, won: 1_000n },
    serverEnv: { WEBHOOK_NETWORKS: '127.0.0.0/8' },
  });
  const { people, payments, urls } = cluster;
  till = await startWebhookReceiver(new Random('checker', 0));
  const token = readFileSync(cluster.folder.secrets.operatorToken, 'utf8').trim();
  const operator = createApiClient({ baseUrl: urls[0]!, headers: () => ({ authorization: `Bearer ${token}` }) });
  const { webhookId, secret } = await operator.call('operatorAddWebhook', { body: { url: till.url } });
  for (let index = 0; index < 8; index++) {
    const [payer, payee] = [people[index % 4]!, people[(index + 1) % 4]!];
    await payments.ask(urls[0]!, { key: cluster.newKey(), payer, payee, amount: 10n ** 18n });
  }
  await cluster.untilDrained();
  await until('the audit log to be chained', async () => {
    const { rows } = await cluster.owner.query(
      'select from audit_log where id not in (select row_id from audit_links) limit 1',
    );
    return rows.length === 0 || undefined;
  });
  await until('every payment to be told of', async () => {
    const { rows } = await cluster.owner.query("select from webhook_deliveries where state = 'delivered'");
    return rows.length === 8 || undefined;
  });
  answers = [...payments.answers];
  webhooks = { received: till.received, secrets: new Map([[webhookId, secret]]) };
  // From here on nobody changes anything but the tests; and a database is copied only while nobody uses it.
  await cluster.replicas[0]!.stop();
  await cluster.owner.end();
});
afterAll(async () => {
  await till?.stop();
  await cluster?.stop();
});

async function copyDatabase(): Promise<string> {
  const name = `planted_${copies++}`;
  const client = new pg.Client({ connectionString: cluster.postgres.ownerUrl.replace(/[^/]*$/, 'postgres') });
  await client.connect();
  await client.query(`create database ${name} template jigeum`);
  await client.end();
  return cluster.postgres.ownerUrl.replace(/[^/]*$/, name);
}

async function run(databaseUrl: string, statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query('set session_replication_role = replica');
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

const checkerOf = (databaseUrl: string, options: Partial<CheckerOptions> = {}): Checker =>
  createChecker({ databaseUrl, rpcUrl: cluster.node.rpcUrl, serverKey: cluster.folder.serverKey, ...options });

/** `rule subject-without-its-id` of all that is found, each once. */
const named = async (checker: Checker): Promise<string[]> => {
  const { violations } = await checker.check({ answers, webhooks, isDrained: true, isFull: true });
  return [...new Set(violations.map(({ rule, subject }) => `${rule} ${subject.split(' ')[0]}`))];
};

test('finds nothing where nothing is wrong', async () => {
  const { violations, transfers } = await checkerOf(cluster.postgres.ownerUrl).check({
    ...{ answers, webhooks },
    isDrained: true,
    isFull: true,
  });
  expect(violations).toEqual([]);
  expect(webhooks.received).toHaveLength(8);
  expect(transfers).toBe(12);
});

test('shares no code with what it checks', () => {
  const files = globSync(`${import.meta.dirname}/**/*.ts`).filter((file) => !file.endsWith('.test.ts'));
  const named = files.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/ from '([^']+)'/g)].map(([, name]) => name!),
  );
  expect(files.length).toBeGreaterThan(10);
  expect([...new Set(named)].filter((name) => !/^node:|^\.{1,2}\/(rules\/)?[a-z-]+\.ts$/.test(name))).toEqual(['pg']);
});

const somePayment = `(select id from transfers where kind = 'payment' order by id limit 1)`;
const someRow = `(select id from chain_outbox where purpose = 'transfer' order by id limit 1)`;
const someTelling = (column: string, value: string): string =>
  `update webhook_deliveries set ${column} = ${value} where subject_id = ${somePayment}`;
const somePayer = `(select payer_wallet_id from transfers where id = ${somePayment})`;
const rogueEntry = [
  `insert into journal_entries select gen_random_uuid(), 'transfer', gen_random_uuid(), 999, now()`,
  `insert into journal_postings select e.id, 1, t.id, ${somePayer}, -5 from journal_entries e, tokens t where e.block_number = 999`,
  `insert into journal_postings select e.id, 2, t.id, (select id from wallets where kind = 'reserve'), 5 from journal_entries e, tokens t where e.block_number = 999`,
];

const PLANTS: readonly [string, string, readonly string[]][] = [
  [
    'INV-02 journal_entries',
    'an entry whose postings do not add up',
    [
      'update journal_postings set amount = amount + 1 where (entry_id, line) = (select entry_id, line from journal_postings order by 1, 2 limit 1)',
    ],
  ],
  [
    'INV-02 journal_postings',
    'postings without their entry',
    ['delete from journal_entries where id = (select id from journal_entries order by id limit 1)'],
  ],
  ['INV-02 journal_postings', 'a right to change postings', ['grant update on journal_postings to jigeum_app']],
  ['INV-02 idempotency_keys', 'a right to remove stored answers', ['grant delete on idempotency_keys to jigeum_app']],
  ['INV-03 wallets', 'an entry that the chain knows nothing of', rogueEntry],
  ['INV-25 journal_entries', 'an entry without a transaction', rogueEntry],
  [
    'INV-25 journal_entries',
    'an entry that names another block',
    [`update journal_entries set block_number = block_number + 1 where source_id = ${somePayment}`],
  ],
  [
    'INV-25 chain_outbox',
    'an end that names another block',
    [`update chain_outbox set block_hash = '0x00' where id = ${someRow}`],
  ],
  [
    'INV-25 chain_outbox',
    'an end that is on no chain',
    [`update chain_outbox set hash = sha256(hash) where id = ${someRow}`],
  ],
  [
    'INV-04 chain_outbox',
    'bytes with another hash',
    [`update chain_outbox set hash = sha256(hash) where id = ${someRow}`],
  ],
  [
    'INV-04 chain_outbox',
    'bytes of another payment',
    [`update transfers set amount = amount + 1 where id = ${somePayment}`],
  ],
  [
    'INV-04 chain_outbox',
    'two signed rows of one nonce',
    [
      'drop index chain_outbox_wallet_id_nonce_key',
      `insert into chain_outbox select (jsonb_populate_record(o, jsonb_build_object('id', gen_random_uuid(), 'source_id', gen_random_uuid(), 'hash', '\\x' || encode(sha256(o.hash), 'hex')))).* from chain_outbox o where id = ${someRow}`,
    ],
  ],
  ['INV-05 transfer', 'an accepted payment that is gone', [`delete from transfers where id = ${somePayment}`]],
  [
    'INV-05 transfer',
    'an accepted payment that has not ended',
    [`update transfers set state = 'accepted', final_at = null where id = ${somePayment}`],
  ],
  [
    'INV-06 transfer',
    'a returned payment that is on the chain',
    [`update transfers set state = 'reverted' where id = ${somePayment}`],
  ],
  [
    'INV-06 chain_outbox',
    'a superseded row whose bytes are on the chain',
    [`update chain_outbox set state = 'superseded' where id = ${someRow}`],
  ],
  [
    'INV-06 transfer',
    'a final payment that was not posted',
    [`delete from journal_entries where source_id = ${somePayment}`],
  ],
  [
    'INV-07 wallets',
    'a nonce that nobody has signed',
    [`update wallets set next_nonce = next_nonce + 1 where id = ${somePayer}`],
  ],
  [
    'INV-08 balances',
    'more available than the ledger has',
    [`update balances set available = available + 1 where wallet_id = ${somePayer}`],
  ],
  [
    'INV-08 balances',
    'a hold for nothing',
    [`update balances set available = available - 1, held = held + 1 where wallet_id = ${somePayer}`],
  ],
  [
    'INV-09 key',
    'a stored answer other than the one that was given',
    [`update idempotency_keys set response = response || ' ' where key = ${somePayment}`],
  ],
  ['INV-09 key', 'an answer that is not stored', [`delete from idempotency_keys where key = ${somePayment}`]],
  [
    'INV-10 gas_grants',
    'two grants for one payment',
    [
      'alter table gas_grants drop constraint gas_grants_for_source_key',
      `insert into gas_grants select gen_random_uuid(), ${somePayer}, 'shortfall', ${somePayment}, 1, 'accepted', now() from generate_series(1, 2)`,
    ],
  ],
  ['INV-10 gas_grant_days', 'grants beside the budget', ['update gas_grant_days set granted = 0']],
  [
    'INV-11 transfer',
    'a payment of a wallet that was frozen before',
    [
      `insert into outflow_stops (id, scope, wallet_id, cause, reason, stopped_by, stopped_at) values (gen_random_uuid(), 'wallet', ${somePayer}, 'operator', 'a test', 'operator', now())`,
      `update idempotency_keys set created_at = now() where key = ${somePayment}`,
    ],
  ],
  [
    'INV-13 audit_log',
    'a changed row of the audit log',
    [`update audit_log set actor = 'nobody' where id = (select id from audit_log order by id limit 1)`],
  ],
  [
    'INV-13 audit_links',
    'a deleted row of the audit log',
    ['delete from audit_log where id = (select row_id from audit_links where seq = 2)'],
  ],
  ['INV-13 audit_links', 'a deleted link of the audit log', ['delete from audit_links where seq = 1']],
  [
    'INV-19 charges',
    'tokens without a deposit',
    ['delete from bank_notices where id = (select id from bank_notices order by id limit 1)'],
  ],
  ['INV-19 charges', 'another amount than was deposited', ['update bank_notices set amount_won = amount_won - 1']],
  [
    'INV-19 bank_notices',
    'one deposit twice',
    [
      'alter table bank_notices drop constraint bank_notices_provider_bank_ref_key',
      `insert into bank_notices select (jsonb_populate_record(n, jsonb_build_object('id', gen_random_uuid(), 'charge_id', null))).* from bank_notices n`,
    ],
  ],
  [
    'INV-20 transfer',
    'an end that nobody was told of',
    [`delete from webhook_deliveries where subject_id = ${somePayment}`],
  ],
  ['INV-20 webhook_deliveries', 'a telling that never arrived', [someTelling('state', "'pending', ended_at = null")]],
  ['INV-20 webhook_deliveries', 'a telling that was given up', [someTelling('state', "'given_up'")]],
  ['INV-20 webhook_deliveries', 'a gap in a sequence', [someTelling('sequence', '2')]],
  ['INV-20 webhook_deliveries', 'a type that is not that of its body', [someTelling('type', "'payment.returned'")]],
  [
    'INV-20 webhook_deliveries',
    'another amount than was paid',
    [someTelling('body', `replace(body, '"amount":"1', '"amount":"2')`)],
  ],
  ['INV-20 webhook', 'other bytes than were sent', [someTelling('body', 'replace(body, \'"EST"\', \'"XYZ"\')')]],
  ['INV-20 webhook_deliveries', 'a mark of delivery on what nobody received', [someTelling('id', 'gen_random_uuid()')]],
  ['INV-20 webhook', 'something received that has no row', [someTelling('id', 'gen_random_uuid()')]],
  [
    'INV-20 webhook_deliveries',
    'a telling of a payment that has not ended',
    [`update transfers set state = 'accepted', final_at = null where id = ${somePayment}`],
  ],
  [
    'INV-21 transfers',
    'an amount of nothing',
    [
      'alter table transfers drop constraint transfers_amount_check',
      `update transfers set amount = 0 where id = ${somePayment}`,
    ],
  ],
  [
    'INV-27 wallets',
    'a database that is older than the chain',
    [
      `delete from chain_outbox o using wallets w where w.id = ${somePayer} and o.wallet_id = w.id and o.nonce = w.next_nonce - 1`,
      `update wallets set next_nonce = next_nonce - 1 where id = ${somePayer}`,
    ],
  ],
];

describe('names what is planted in the database', () => {
  test.each(PLANTS)('%s: %s', async (expected, _, statements) => {
    const databaseUrl = await copyDatabase();
    await run(databaseUrl, statements);
    expect(await named(checkerOf(databaseUrl))).toContain(expected);
  });

  test.each([
    [
      'INV-06 transfers',
      'an end that changed',
      `update transfers set final_at = final_at + interval '1 second' where id = ${somePayment}`,
    ],
    [
      'INV-06 chain_outbox',
      'an end of signed bytes that changed',
      `update chain_outbox set fee = fee + 1 where id = ${someRow}`,
    ],
    ['INV-02 journal_postings', 'a posting that changed', 'update journal_postings set line = line + 7 where line = 2'],
    [
      'INV-02 journal_entries',
      'an entry that has gone',
      'delete from journal_entries where id = (select id from journal_entries order by id limit 1)',
    ],
    [
      'INV-02 audit_log',
      'an audit row that changed',
      `update audit_log set request = '00' where id = (select id from audit_log order by id limit 1)`,
    ],
  ])('%s: %s between two checks', async (expected, _, statement) => {
    const databaseUrl = await copyDatabase();
    const checker = checkerOf(databaseUrl);
    expect(await named(checker)).toEqual([]);
    await run(databaseUrl, [statement]);
    expect(await named(checker)).toContain(expected);
  });

  test('INV-10: grants above a budget', async () => {
    const checker = checkerOf(cluster.postgres.ownerUrl, { gasBudgets: { member: 1n, all: 1n } });
    expect(await named(checker)).toEqual(['INV-10 wallets', 'INV-10 gas_grant_days']);
  });
});

describe('names what the clients saw', () => {
  test('INV-09: other bytes for one key, and INV-05: an answer without its payment', async () => {
    const [first] = answers;
    if (first?.answer.kind !== 'answered') throw new Error('Expected an answer to change.');
    const changed = [
      { ...first, answer: { ...first.answer, text: `${first.answer.text} ` } },
      { ...first, key: '00000000-0000-4000-8000-000000000000' },
    ];
    const { violations } = await checkerOf(cluster.postgres.ownerUrl).check({ answers: changed });
    expect(violations.map(({ rule, subject }) => `${rule} ${subject}`)).toEqual([
      `INV-09 key ${first.key}`,
      'INV-05 transfer 00000000-0000-4000-8000-000000000000',
      'INV-09 key 00000000-0000-4000-8000-000000000000',
    ]);
  });
});

describe('names what a receiver saw', () => {
  const violationsOf = async (received: readonly SeenWebhook[]) => {
    const { violations } = await checkerOf(cluster.postgres.ownerUrl).check({
      webhooks: { ...webhooks, received },
      isDrained: true,
    });
    return violations.map(({ rule, subject, text }) => `${rule} ${subject}: ${text.split(',')[0]}`);
  };
  const idOf = (webhook: SeenWebhook): string => webhook.id;

  test('INV-20: a repetition with the same id and bytes is right', async () => {
    const { received } = webhooks;
    expect(await violationsOf([...received, { ...received[0]!, isAccepted: false }])).toEqual([]);
  });

  test('INV-20: other bytes, a strange signature, and nothing at all', async () => {
    const [first, second, third, ...others] = webhooks.received;
    const changed = { ...first!, body: `${first!.body} ` };
    const strange = { ...second!, signature: `v1,${Buffer.alloc(32).toString('base64')}` };
    expect(await violationsOf([changed, strange, ...others])).toEqual([
      `INV-20 webhook ${idOf(first!)}: Expected the bytes of its row in each try`,
      `INV-20 webhook ${idOf(first!)}: Expected a signature by the endpoint's secret`,
      `INV-20 webhook ${idOf(second!)}: Expected a signature by the endpoint's secret`,
      `INV-20 webhook_deliveries ${idOf(third!)}: Expected what is marked as delivered to have been accepted`,
    ]);
  });

  test('INV-20: a mark of delivery on what the receiver has refused', async () => {
    const [first, ...others] = webhooks.received;
    expect(await violationsOf([{ ...first!, isAccepted: false }, ...others])).toEqual([
      `INV-20 webhook_deliveries ${idOf(first!)}: Expected what is marked as delivered to have been accepted`,
    ]);
  });
});

describe('names what is wrong on the chain', () => {
  let liar: Server;
  afterAll(() => void liar?.close());

  test('INV-01: a supply or a holding that the transfers do not make', async () => {
    liar = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.once('end', () => {
        void fetch(cluster.node.rpcUrl, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: Buffer.concat(chunks),
        })
          .then((answer) => answer.text())
          .then((text) =>
            response.end(text.replace(/"total":"0x2/, '"total":"0x3').replace(/"balance":"0x3/, '"balance":"0x4')),
          );
      });
    });
    await new Promise<void>((resume) => liar.listen(0, '127.0.0.1', resume));
    const rpcUrl = `http://127.0.0.1:${(liar.address() as AddressInfo).port}`;
    const { violations } = await checkerOf(cluster.postgres.ownerUrl, { rpcUrl }).check({ isFull: true });
    expect(violations.filter(({ rule }) => rule !== 'INV-01')).toEqual([]);
    const [supply, holding] = violations;
    expect([supply?.rule, supply?.subject, holding?.rule]).toEqual(['INV-01', 'EST', 'INV-01']);
    expect(cluster.people.map(({ address }) => address)).toContain(holding?.subject);
  });

  test('INV-03, INV-04, INV-27: tokens sent with a key of the platform beside it; nothing once a test owns up to it', async () => {
    const checker = checkerOf(cluster.postgres.ownerUrl);
    expect(await named(checker)).toEqual([]);
    const { rows } = await query<{ contract: string }>('select contract from tokens');
    const [person, other] = [cluster.people[0]!, cluster.people[1]!];
    const hash = await sendBeside(cluster.node.rpcUrl, {
      person,
      intent: { kind: 'transfer', contract: rows[0]!.contract, to: other.address, amount: 7n },
    });
    await until('the rogue transfer on the chain', async () => ((await named(checker)).length > 0 ? true : undefined));
    expect((await named(checker)).sort()).toEqual([`INV-03 wallets`, `INV-04 ${hash}`, `INV-27 wallets`]);
    checker.allowForeign(hash);
    expect(await named(checker)).toEqual([]);
  });

  test('INV-10: coin that leaves a member', async () => {
    const checker = checkerOf(cluster.postgres.ownerUrl);
    const hash = await sendBeside(cluster.node.rpcUrl, {
      person: cluster.people[2]!,
      intent: { kind: 'native', to: cluster.people[3]!.address, amount: 1n },
    });
    await until('the coin to be named', async () =>
      (await named(checker)).includes(`INV-10 ${hash}`) ? true : undefined,
    );
  });
});

async function query<T extends pg.QueryResultRow>(text: string): Promise<pg.QueryResult<T>> {
  const client = new pg.Client({ connectionString: cluster.postgres.ownerUrl });
  await client.connect();
  try {
    return await client.query<T>(text);
  } finally {
    await client.end();
  }
}
