import { describe, expect, test } from 'vitest';
import { createAddressGuard, type ResolvedAddress } from './address-guard.ts';

const familyOf = (address: string): ResolvedAddress => ({ address, family: address.includes(':') ? 6 : 4 });
const guardOf = (answers: readonly string[], networks: readonly string[] = []) =>
  createAddressGuard(networks, async () => answers.map(familyOf));
const kindOf = async (answers: readonly string[], networks: readonly string[] = [], url = 'https://till.example/') =>
  (await guardOf(answers, networks).resolve(new URL(url))).kind;

const PUBLIC = ['1.1.1.1', '100.63.255.255', '100.128.0.0', '172.32.0.1', '11.0.0.1', '223.255.255.255'];
const PUBLIC_V6 = ['2606:4700:4700::1111', '2a00:1450::1'];
const FORBIDDEN = [
  ...['0.0.0.0', '127.0.0.1', '127.255.255.254', '10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.0.1'],
  ...['100.64.0.1', '100.127.255.255', '169.254.169.254', '224.0.0.1', '239.1.1.1', '255.255.255.255', '198.18.0.1'],
  ...['::', '::1', 'fe80::1', 'fc00::1', 'fd12::1', 'ff02::1', '2001:db8::1', '2001::1', '2002:7f00:1::'],
  ...['::ffff:127.0.0.1', '::ffff:8.8.8.8', '::ffff:7f00:1', '64:ff9b::7f00:1', '64:ff9b::808:808', '64:ff9b:1::1'],
  ...['::127.0.0.1', 'fec0::1', '5f00::1'],
];

describe('a name', () => {
  test.each([...PUBLIC, ...PUBLIC_V6])('that resolves to %s may be told', async (address) => {
    expect(await guardOf([address]).resolve(new URL('https://till.example/'))).toEqual({
      kind: 'allowed',
      target: familyOf(address),
    });
  });

  test.each(FORBIDDEN)('that resolves to %s may not', async (address) => {
    expect(await kindOf([address])).toBe('refused');
  });

  test('that resolves to a public and a private address may not, in whatever order', async () => {
    expect(await kindOf(['1.1.1.1', '10.0.0.1'])).toBe('refused');
    expect(await kindOf(['10.0.0.1', '1.1.1.1'])).toBe('refused');
    expect(await kindOf(['1.1.1.1', '::1'])).toBe('refused');
  });

  test('without any address may not', async () => {
    expect(await kindOf([])).toBe('refused');
  });

  test('in a network that is named may, also by plain http', async () => {
    const networks = ['192.168.7.0/24', 'fd00:7::/32'];
    expect(await kindOf(['192.168.7.9', 'fd00:7::9'], networks)).toBe('allowed');
    expect(await kindOf(['192.168.7.9'], networks, 'http://till.example/')).toBe('allowed');
    expect(await kindOf(['192.168.8.9'], networks)).toBe('refused');
  });

  test('that is public may not be told by plain http, whatever is named', async () => {
    expect(await kindOf(['1.1.1.1'], ['192.168.7.0/24'], 'http://till.example/')).toBe('refused');
    expect(await kindOf(['192.168.7.9', '1.1.1.1'], ['192.168.7.0/24'], 'http://till.example/')).toBe('refused');
  });
});

describe('the text of an address', () => {
  const guard = createAddressGuard([]);
  test.each([
    ...['ftp://till.example/', 'till.example', 'https://', 'http://till.example/', 'https://a:b@till.example/'],
    ...['https://till.example/#x', 'https://127.0.0.1/', 'https://[::1]/', 'https://[::ffff:127.0.0.1]/'],
    // Other ways to write 127.0.0.1 and 169.254.169.254.
    ...[
      'https://2130706433/',
      'https://0x7f.1/',
      'https://127.1/',
      'https://0251.0376.0251.0376/',
      'https://[fe80::1]/',
    ],
  ])('%s is refused', (url) => {
    expect(guard.refusalOf(url)).not.toBeNull();
  });

  test.each(['https://till.example/hooks?shop=7', 'https://till.example:8443/', 'https://1.1.1.1/'])(
    '%s is taken',
    (url) => {
      expect(guard.refusalOf(url)).toBeNull();
    },
  );

  test('without a network that is named says why plain http is refused', () => {
    expect(guard.refusalOf('http://till.example/')).toBe(
      'Expected https: plain http is for the networks that WEBHOOK_NETWORKS names.',
    );
  });
});
