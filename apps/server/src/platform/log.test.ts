import { expect, test } from 'vitest';
import { createLog } from './log.ts';

function capture(): { lines: () => string; log: ReturnType<typeof createLog> } {
  let text = '';
  const log = createLog({ level: 'debug', destination: { write: (line: string) => void (text += line) } });
  return { lines: () => text, log };
}

/** Without what the machine puts in: its time and process may hold any six digits. */
const told = (lines: string): string => lines.replaceAll(/"(?:time|pid)":[0-9]+/g, '');

const SECRETS = ['correct horse battery', '180519', '홍길동', '01012345678', '9001011', '0123456789abcdef'.repeat(4)];

test('writes allowed fields', () => {
  const { lines, log } = capture();
  log.info('A thing has happened.', { chargeId: 'c-1', status: 200 });
  expect(JSON.parse(lines())).toMatchObject({ level: 30, msg: 'A thing has happened.', chargeId: 'c-1', status: 200 });
});

test('drops every field that is not on the list, whatever it holds', () => {
  const { lines, log } = capture();
  const fields = {
    chargeId: 'c-1',
    passphrase: SECRETS[0],
    pin: SECRETS[1],
    name: SECRETS[2],
    phone: SECRETS[3],
    body: { identityNumber: SECRETS[4] },
    headers: { cookie: SECRETS[5] },
    // On the list, but of another type: an object could carry anything.
    status: { cookie: SECRETS[5] },
    reason: [SECRETS[0]],
  };
  log.error('A thing has failed.', fields as never);
  expect(lines()).toContain('c-1');
  for (const secret of SECRETS) expect(told(lines())).not.toContain(secret);
});

test('drops the message of a foreign error, and keeps its name, code and place', () => {
  const { lines, log } = capture();
  let caught: unknown;
  try {
    JSON.parse(`{"pin":"${SECRETS[1]}"`);
  } catch (error) {
    caught = error;
  }
  const outer = Object.assign(new Error(`duplicate key ${SECRETS[3]}`, { cause: caught }), {
    code: '23505',
    detail: `Key (phone)=(${SECRETS[3]}) already exists.`,
    constraint: 'members_phone_hmac_key',
  });
  log.error('A thing has failed.', { error: outer });
  for (const secret of SECRETS) expect(told(lines())).not.toContain(secret);
  expect(JSON.parse(lines())).toMatchObject({
    errorName: 'Error',
    errorCode: '23505',
    constraint: 'members_phone_hmac_key',
    cause: { errorName: 'SyntaxError' },
  });
  expect(lines()).toContain('log.test.ts');
});

test('drops a whole error object that is passed under another name', () => {
  const { lines, log } = capture();
  log.warn('A thing has failed.', { err: new Error(SECRETS[0]) } as never);
  expect(lines()).not.toContain(SECRETS[0]);
});
