import { expect, test } from 'vitest';
import { createTestDeps } from '#testing';
import { addressSubject } from './rate-limit.ts';

test('an address is counted by its keyed hash: IPv4 alone, IPv6 with all of its /64', async () => {
  const deps = await createTestDeps();
  try {
    const of = (address: string) => addressSubject(deps, address);
    expect(of('203.0.113.7')).toMatch(/^[0-9a-f]{64}$/);
    expect(of('203.0.113.7')).not.toBe(of('203.0.113.8'));
    expect(of('::ffff:203.0.113.7')).toBe(of('203.0.113.7'));
    expect(of('::ffff:203.0.113.8')).not.toBe(of('203.0.113.7'));
    // Whoever has one address of a /64 has all of them.
    expect(of('2001:db8:1:2::1')).toBe(of('2001:0DB8:0001:0002:ffff:ffff:ffff:ffff'));
    expect(of('2001:db8:1:2::1')).not.toBe(of('2001:db8:1:3::1'));
    expect(of('2001:db8::1')).toBe(of('2001:db8:0:0:8::1'));
    expect(of('fe80::1%eth0')).toBe(of('fe80::2%eth1'));
    expect(of('::1')).not.toBe(of('203.0.113.7'));
  } finally {
    await deps.database.drop();
  }
});
