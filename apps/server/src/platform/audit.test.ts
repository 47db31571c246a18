import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createHmac, hkdfSync } from 'node:crypto';
import pg from 'pg';
import { sql } from 'kysely';
import { audit, auditAll, auditColumns, type AuditEntry } from './audit.ts';
import { inTrx } from './db.ts';
import { inRequest } from './request-context.ts';
import { createTestDeps } from './testing.ts';

let deps: Awaited<ReturnType<typeof createTestDeps>>;
let owner: pg.Client;
beforeAll(async () => {
  deps = await createTestDeps({ startMs: Date.UTC(2026, 0, 2, 3, 4, 5, 678) });
  owner = new pg.Client({ connectionString: deps.database.ownerUrl });
  await owner.connect();
});
afterAll(async () => {
  await owner.end();
  await deps.database.drop();
});
beforeEach(async () => {
  await owner.query(
    'alter table audit_log disable trigger all; delete from audit_log; alter table audit_log enable trigger all',
  );
});

const wallet = '018bcfe5-6800-7000-8000-0000000000aa';
const opened: AuditEntry = { actor: 'job:start', act: 'key.opened', subject: wallet, facts: { why: 'start' } };

interface Row {
  id: string;
  micros: string;
  actor: string;
  act: string;
  subject: string | null;
  request: string;
  facts: string;
  mac: Buffer;
}
async function rows(): Promise<Row[]> {
  const { rows: found } = await owner.query<Row>(`
    select id, (extract(epoch from at) * 1000000)::bigint as micros, actor, act, subject, request, facts, mac
    from audit_log order by id`);
  return found;
}

describe('a row of the audit log', () => {
  test('says who did what to what, in which request, and is bound by an HMAC of the server key', async () => {
    await inRequest('00ff', () => inTrx(deps, (trx) => audit(deps, trx, opened)));
    const [row] = await rows();
    expect({ ...row, id: '', mac: '' }).toEqual({
      id: '',
      micros: '1767323045678000',
      actor: 'job:start',
      act: 'key.opened',
      subject: wallet,
      request: '00ff',
      facts: '{"why":"start"}',
      mac: '',
    });
    // Made here from the specification alone.
    const text = `jigeum audit row 1\n${row!.id}\n1767323045678000\njob:start\nkey.opened\n${wallet}\n00ff\n{"why":"start"}`;
    const key = hkdfSync('sha256', new Uint8Array(32).fill(7), 'jigeum server key', 'hmac audit row', 32);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(Buffer.byteLength(text));
    const mac = createHmac('sha256', new Uint8Array(key)).update(length).update(text).digest();
    expect(row!.mac.toString('hex')).toBe(mac.toString('hex'));
  });

  test('is gone where its act is rolled back', async () => {
    const refused = inTrx(deps, async (trx) => {
      await audit(deps, trx, opened);
      throw new Error('refused');
    });
    await expect(refused).rejects.toThrow('refused');
    expect(await rows()).toEqual([]);
  });

  test('writes facts sorted, without spaces, amounts as decimal text', () => {
    const facts = { kind: 'payment', token: 't', payerWallet: 'a', payeeWallet: 'b', hash: 'é\n"', amount: 2n ** 200n };
    const columns = auditColumns(deps, { actor: 'nobody', act: 'payment.accepted', subject: null, facts });
    expect(columns.facts).toBe(
      `{"amount":"${2n ** 200n}","hash":"é\\n\\"","kind":"payment","payeeWallet":"b","payerWallet":"a","token":"t"}`,
    );
  });

  test.each([
    ['a fact that is not on the list of its act', { why: 'x', name: '홍길동' }],
    ['a fact that is missing', {}],
  ])('is refused with %s, and so is the act', async (_what, facts) => {
    const entry = { ...opened, facts } as unknown as AuditEntry;
    await expect(inTrx(deps, (trx) => audit(deps, trx, entry))).rejects.toThrow('Expected the facts why of key.opened');
    expect(await rows()).toEqual([]);
  });

  test('comes in many at once by one statement', async () => {
    const entries = Array.from({ length: 300 }, () => opened);
    await inTrx(deps, (trx) => auditAll(deps, trx, entries));
    await inTrx(deps, (trx) => auditAll(deps, trx, []));
    expect(await rows()).toHaveLength(300);
  });

  test.each([
    ["update audit_log set actor = 'operator'"],
    ['delete from audit_log'],
    ['truncate audit_log'],
    ['update audit_links set seq = 2'],
    ['delete from audit_links'],
    ['update audit_checkpoints set seq = 2'],
    ['delete from audit_checkpoints'],
  ])('can never be changed by the application, nor by accident by the owner: %s', async (statement) => {
    await inTrx(deps, (trx) => audit(deps, trx, opened));
    await expect(sql.raw(statement).execute(deps.db)).rejects.toMatchObject({ code: '42501' });
    await expect(owner.query(statement)).rejects.toMatchObject({ code: '42501' });
  });

  test('takes its transaction from the database, never from the application', async () => {
    const forged = sql`
      insert into audit_log (id, at, actor, act, request, facts, mac, trx)
      values (gen_random_uuid(), now(), 'operator', 'a.b', '', '{}', decode(repeat('00', 32), 'hex'), '3')`;
    await expect(forged.execute(deps.db)).rejects.toMatchObject({ code: '42501' });
  });
});
