import { createSocket } from 'node:dgram';
import { describe, expect, test } from 'vitest';
import { createAddressGuard, createResolve, type ResolvedAddress } from './address-guard.ts';

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

describe('the name server', () => {
  test('is asked for both kinds of addresses each time, so that a name that changes is looked at anew', async () => {
    const answers = ['1.1.1.1', '10.0.0.7'];
    const server = await startNameServer((type) => (type === 1 ? [answers.shift()!] : []));
    const guard = createAddressGuard([], createResolve([server.address]));
    const url = new URL('https://till.example/');
    expect(await guard.resolve(url)).toEqual({ kind: 'allowed', target: { address: '1.1.1.1', family: 4 } });
    expect(await guard.resolve(url)).toMatchObject({ kind: 'refused' });
    server.close();
  });

  test('that hides a private address beside a public one is seen through', async () => {
    const server = await startNameServer((type) => (type === 1 ? ['1.1.1.1'] : ['fd00::1']));
    const guard = createAddressGuard([], createResolve([server.address]));
    expect(await guard.resolve(new URL('https://till.example/'))).toMatchObject({ kind: 'refused' });
    server.close();
  });

  test('that knows no address is an error, and an address needs no name server', async () => {
    const server = await startNameServer(() => []);
    const resolve = createResolve([server.address]);
    await expect(resolve('till.example')).rejects.toThrow();
    server.close();
    expect(await resolve('127.0.0.1')).toEqual([{ address: '127.0.0.1', family: 4 }]);
    expect(await resolve('::1')).toEqual([{ address: '::1', family: 6 }]);
  });
});

/** Answers each question of type A (1) or AAAA (28) with the addresses that it is told. RFC 1035, one question a message. */
async function startNameServer(addressesOf: (type: number) => readonly string[]) {
  const socket = createSocket('udp4');
  socket.on('message', (question, from) => {
    const typeAt = question.indexOf(0, 12) + 1;
    const type = question.readUInt16BE(typeAt);
    const records = addressesOf(type).map((address) => {
      const bytes = type === 1 ? Buffer.from(address.split('.').map(Number)) : bytesOfV6(address);
      const head = Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 0, 0, bytes.length]);
      return Buffer.concat([head, bytes]);
    });
    const answer = Buffer.concat([question.subarray(0, typeAt + 4), ...records]);
    answer.writeUInt16BE(0x8180, 2);
    answer.writeUInt16BE(records.length, 6);
    answer.writeUInt32BE(0, 8);
    socket.send(answer, from.port, from.address);
  });
  await new Promise<void>((resume) => socket.bind(0, '127.0.0.1', resume));
  return { address: `127.0.0.1:${socket.address().port}`, close: () => socket.close() };
}

/** Of an address with `::`. */
function bytesOfV6(address: string): Buffer {
  const [left = [], right = []] = address.split('::').map((part) => part.split(':').filter((group) => group !== ''));
  const groups = [...left, ...Array.from({ length: 8 - left.length - right.length }, () => '0'), ...right];
  return Buffer.from(groups.map((group) => group.padStart(4, '0')).join(''), 'hex');
}
