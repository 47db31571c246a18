import { expect, test } from 'vitest';
import { seededIds } from '@jigeum/std';
import { createSecrets, SealBrokenError } from './secrets.ts';

const make = (fill = 1) => createSecrets({ ids: seededIds('secrets') }, new Uint8Array(32).fill(fill));
const bytes = (text: string) => new TextEncoder().encode(text);

test('opens what it sealed, with the same context only', () => {
  const secrets = make();
  const sealed = secrets.seal('wallet 1', bytes('plain'));
  expect(secrets.open('wallet 1', sealed)).toEqual(bytes('plain'));
  expect(() => secrets.open('wallet 2', sealed)).toThrow(SealBrokenError);
  expect(() => make(2).open('wallet 1', sealed)).toThrow(SealBrokenError);
});

test('refuses sealed bytes with any one changed, or cut off', () => {
  const secrets = make();
  const sealed = secrets.seal('c', bytes('plain'));
  for (let index = 0; index < sealed.length; index++) {
    const changed = Uint8Array.from(sealed);
    changed[index]! ^= 1;
    expect(() => secrets.open('c', changed)).toThrow(SealBrokenError);
    expect(() => secrets.open('c', sealed.subarray(0, index))).toThrow(SealBrokenError);
  }
});

test('never seals to the same bytes twice', () => {
  const secrets = make();
  expect(secrets.seal('c', bytes('plain'))).not.toEqual(secrets.seal('c', bytes('plain')));
});

test('keeps uses, keys and the borders of parts apart', () => {
  const secrets = make();
  const macs = [
    secrets.hmac('pin', bytes('ab'), bytes('c')),
    secrets.hmac('pin', bytes('a'), bytes('bc')),
    secrets.hmac('phone', bytes('ab'), bytes('c')),
    make(2).hmac('pin', bytes('ab'), bytes('c')),
  ].map((mac) => Buffer.from(mac).toString('hex'));
  expect(new Set(macs).size).toBe(4);
  expect(secrets.hmac('pin', bytes('ab'), bytes('c'))).toEqual(make().hmac('pin', bytes('ab'), bytes('c')));
});

test('works on after the caller has cleared the server key', () => {
  const key = new Uint8Array(32).fill(1);
  const secrets = createSecrets({ ids: seededIds('secrets') }, key);
  key.fill(0);
  expect(secrets.hmac('pin', bytes('x'))).toEqual(make().hmac('pin', bytes('x')));
});

test('refuses a server key of another length', () => {
  expect(() => createSecrets({ ids: seededIds('x') }, new Uint8Array(16))).toThrow(
    'Expected a server key of 32 bytes, got 16.',
  );
});
