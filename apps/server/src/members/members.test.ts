import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import pg from 'pg';
import { seededIds } from '@jigeum/std';
import { openDb, type Db } from '#platform';
import { auditOf, createTestDeps } from '#testing';
import { addMember, checkPin, findMember, loginTries, masked, phoneHmac, sessions } from './index.ts';
import * as store from './store.ts';
import { pinHmac } from './tries.ts';

let deps: Awaited<ReturnType<typeof createTestDeps>>;
let id: string;
let count = 0;
const ids = seededIds('members test');
const pin = (digits: string) => new TextEncoder().encode(digits);
const ciHmac = (of: string) => deps.secrets.hmac('ci', pin(of));

beforeAll(async () => {
  deps = await createTestDeps();
});
afterAll(() => deps.database.drop());

beforeEach(async () => {
  id = ids.uuid(deps.clock.nowMs());
  const number = ++count;
  await deps.db.transaction().execute((trx) =>
    addMember(deps, trx, {
      id,
      memberId: `member${number}`,
      nameMasked: '홍*동',
      phoneHmac: phoneHmac(deps, `0101111${String(number).padStart(4, '0')}`),
      phoneMasked: '010-****-1111',
      ciHmac: ciHmac(id),
      receiveCode: ids.uuid(deps.clock.nowMs()),
      verifiedAt: new Date(deps.clock.nowMs()),
      pin: pin('180519'),
    }),
  );
});

const codeOf = (result: PromiseSettledResult<unknown>) =>
  result.status === 'fulfilled' ? 'right' : (result.reason as { code: string }).code;

describe('the PIN', () => {
  test('stops payments at the fifth wrong one, and tells how many tries are left', async () => {
    for (const triesLeft of [4, 3, 2, 1])
      await expect(checkPin(deps, id, pin('000000'))).rejects.toMatchObject({
        code: 'pin-wrong',
        extras: { triesLeft },
      });
    await expect(checkPin(deps, id, pin('000000'))).rejects.toMatchObject({ code: 'pin-stopped' });
    await expect(checkPin(deps, id, pin('180519'))).rejects.toMatchObject({ code: 'pin-stopped' });
    expect(await auditOf(deps, id)).toEqual([
      ...[4, 3, 2, 1].map((triesLeft) => `member:${id} pin.refused {"triesLeft":${triesLeft}}`),
      `member:${id} pin.stopped {}`,
    ]);
  });

  test('is compared again where the database has broken the comparison off because of a deadlock', async () => {
    const owner = new pg.Client({ connectionString: deps.database.ownerUrl });
    await owner.connect();
    try {
      await owner.query(`
        create sequence deadlocks;
        create function break_off() returns trigger security definer language plpgsql as $$ begin
          if nextval('deadlocks') = 1 then raise exception 'deadlock detected' using errcode = '40P01'; end if;
          return new;
        end $$;
        create trigger break_off before update on members for each row execute function break_off()`);
      await checkPin(deps, id, pin('180519'));
      const { rows } = await owner.query('select last_value from deadlocks');
      expect(rows).toEqual([{ last_value: '2' }]);
    } finally {
      await owner.query('drop trigger break_off on members; drop function break_off; drop sequence deadlocks');
      await owner.end();
    }
  });

  describe('at several servers at once', () => {
    const servers: ReturnType<typeof openDb>[] = [];
    beforeAll(() => {
      for (let server = 0; server < 8; server++)
        servers.push(openDb({ url: deps.database.url, connectionsMax: 5, applicationName: 'jigeum test' }));
    });
    afterAll(() => Promise.all(servers.map(({ close }) => close())));
    /** Five tries at each server. */
    const tries = <T>(one: (db: Db) => Promise<T>): Promise<T[]> =>
      Promise.all(servers.flatMap(({ db }) => Array.from({ length: 5 }, () => one(db))));
    const tryOnce = async (db: Db, digits: string) => {
      const [failures] = await store.tryPins(db, [{ memberId: id, pinHmac: pinHmac(deps, id, pin(digits)) }], 5);
      return failures;
    };

    test('is compared without a deadlock, while payments of the member hold their reference', async () => {
      const pay = async (db: Db) => {
        const failures = await tryOnce(db, '180519');
        await db.transaction().execute(async (trx) => {
          // As the foreign key of what a payment inserts.
          await sql`select from members where id = ${id} for key share`.execute(trx);
          await sql`select pg_sleep(0.002)`.execute(trx);
        });
        return failures;
      };
      for (let round = 0; round < 10; round++) expect(new Set(await tries(pay))).toEqual(new Set([0]));
    });

    test('evaluates five of forty wrong guesses, each with a count of its own', async () => {
      const counts = await tries((db) => tryOnce(db, '000000'));
      expect(counts.filter((count) => count !== null).sort()).toEqual([1, 2, 3, 4, 5]);
      expect(await tryOnce(servers[0]!.db, '180519')).toBeNull();
    });
  });

  test('evaluates five of fifty guesses that come at once, so the right one among the others does not pass', async () => {
    const guesses = Array.from({ length: 50 }, (_, index) => pin(String(200_000 + index)));
    const results = await Promise.allSettled(guesses.map((guess) => checkPin(deps, id, guess)));
    expect(results.map(codeOf).filter((code) => code === 'pin-wrong')).toHaveLength(4);
    expect(results.map(codeOf).filter((code) => code === 'pin-stopped')).toHaveLength(46);
    await expect(checkPin(deps, id, pin('180519'))).rejects.toMatchObject({ code: 'pin-stopped' });
  });

  test('that is right passes as often and as parallel as needed, and gives the tries back', async () => {
    await expect(checkPin(deps, id, pin('000000'))).rejects.toMatchObject({ extras: { triesLeft: 4 } });
    const results = await Promise.allSettled(Array.from({ length: 30 }, () => checkPin(deps, id, pin('180519'))));
    expect(new Set(results.map(codeOf))).toEqual(new Set(['right']));
    await expect(checkPin(deps, id, pin('000000'))).rejects.toMatchObject({ extras: { triesLeft: 4 } });
  });

  test('of one member is not that of another', async () => {
    expect(pinHmac(deps, id, pin('180519'))).not.toEqual(pinHmac(deps, `${id}x`, pin('180519')));
  });
});

describe('tries of the passphrase', () => {
  test('are counted before they are evaluated: fifty at once get five', async () => {
    const tries = await Promise.all(Array.from({ length: 50 }, () => loginTries.count(deps, id)));
    expect(
      tries
        .filter((each) => each !== null)
        .map((each) => each.triesLeft)
        .sort(),
    ).toEqual([0, 1, 2, 3, 4]);
  });

  test('come back after success, and one by one where nothing was evaluated', async () => {
    const first = await loginTries.count(deps, id);
    await first!.notEvaluated();
    const second = await loginTries.count(deps, id);
    expect(second!.triesLeft).toBe(4);
    await loginTries.count(deps, id);
    await second!.succeeded();
    expect((await loginTries.count(deps, id))!.triesLeft).toBe(4);
  });

  test('come back to the person who has proved again who they are, and to nobody else', async () => {
    for (let index = 0; index < 5; index++) await loginTries.count(deps, id);
    expect(await loginTries.resetOfPerson(deps, ciHmac('somebody else'))).toBe(false);
    expect(await loginTries.count(deps, id)).toBeNull();
    expect(await loginTries.resetOfPerson(deps, ciHmac(id))).toBe(true);
    expect((await loginTries.count(deps, id))!.triesLeft).toBe(4);
  });
});

describe('a session', () => {
  const MINUTE = 60_000;
  const open = async (sealedKey: Uint8Array | null = pin('sealed')) => {
    const idHash = ids.bytes(32);
    await sessions.create(deps, { memberId: id, idHash, sealedKey });
    const find = (isUse?: boolean) => sessions.find(deps, { idHash, unlockKey: new Uint8Array(32) }, isUse);
    return { idHash, use: () => find(), look: () => find(false) };
  };

  test('locks after ten idle minutes, stays, and unlocks again', async () => {
    const { idHash, use } = await open();
    expect((await use())!.sealedKey).toEqual(Buffer.from('sealed'));
    deps.clock.advance(10 * MINUTE);
    expect(await use()).toMatchObject({ memberId: id, sealedKey: null, unlockedUntil: null });
    await sessions.unlock(deps, { idHash, sealedKey: pin('again') });
    expect((await use())!.sealedKey).toEqual(Buffer.from('again'));
  });

  test('stays unlocked while it is used', async () => {
    const { use } = await open();
    for (let index = 0; index < 4; index++) {
      deps.clock.advance(9 * MINUTE);
      expect((await use())!.sealedKey).not.toBeNull();
    }
  });

  test('that has locked is not unlocked by use', async () => {
    const { use } = await open();
    deps.clock.advance(11 * MINUTE);
    await use();
    deps.clock.advance(MINUTE);
    expect((await use())!.sealedKey).toBeNull();
  });

  test('ends after thirty idle minutes, after twelve hours of use, and at log-out', async () => {
    const idle = await open();
    deps.clock.advance(30 * MINUTE);
    expect(await idle.use()).toBeNull();

    const used = await open();
    for (let index = 0; index < 35; index++) {
      deps.clock.advance(20 * MINUTE);
      expect(await used.use()).not.toBeNull();
    }
    deps.clock.advance(20 * MINUTE);
    expect(await used.use()).toBeNull();

    const left = await open();
    await sessions.end(deps, left.idHash);
    expect(await left.use()).toBeNull();
  });

  test('that is only looked at does not live longer', async () => {
    const { idHash, use, look } = await open();
    deps.clock.advance(9 * MINUTE);
    expect((await look())!.sealedKey).not.toBeNull();
    deps.clock.advance(MINUTE);
    expect((await look())!.sealedKey).toBeNull();
    deps.clock.advance(19 * MINUTE);
    expect(await sessions.peek(deps, idHash)).toEqual({ unlockedUntil: null });
    deps.clock.advance(MINUTE);
    expect(await use()).toBeNull();
  });

  test('leaves no key in the database once it has locked, and no row once it has ended', async () => {
    const { idHash } = await open();
    const row = () =>
      deps.db.selectFrom('sessions').select('sealed_key').where('id_hash', '=', Buffer.from(idHash)).executeTakeFirst();
    deps.clock.advance(10 * MINUTE);
    await sessions.sweep(deps);
    expect(await row()).toEqual({ sealed_key: null });
    deps.clock.advance(20 * MINUTE);
    await sessions.sweep(deps);
    expect(await row()).toBeUndefined();
  });
});

test('a member is found by ID, phone and receive code', async () => {
  const member = await findMember(deps.db, { by: 'id', id });
  expect(await findMember(deps.db, { by: 'member-id', memberId: member!.memberId })).toEqual(member);
  expect(await findMember(deps.db, { by: 'receive-code', receiveCode: member!.receiveCode })).toEqual(member);
  const hmac = phoneHmac(deps, `0101111${String(count).padStart(4, '0')}`);
  expect(await findMember(deps.db, { by: 'phone', phoneHmac: hmac })).toEqual(member);
  expect(await findMember(deps.db, { by: 'member-id', memberId: 'nobody' })).toBeNull();
});

test.each([
  ['홍길동', '홍*동'],
  ['홍동', '홍*'],
  ['남궁길동', '남**동'],
  ['황', '*'],
  ['Mary Lee', 'M*** **e'],
])('masks the name %s as %s', (name, shown) => {
  expect(masked.name(name)).toBe(shown);
});

test('masks a phone number but for its ends', () => {
  expect(masked.phone('01012345678')).toBe('010-****-5678');
});
