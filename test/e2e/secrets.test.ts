/** After a whole run nothing of a member's secrets is on disk, and a stolen database with its keystore files opens nothing. */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openKeystore, parseKeystore } from '@jigeum/keystore';
import { bytesToHex, hexToBytes, randomIds } from '@jigeum/std';
import { createApiClient } from '@jigeum/api';
import { createPerson } from '../../apps/cli/src/person.ts';
import { createSecrets } from '../../apps/server/src/platform/secrets.ts';
import { Random } from '../fuzz/random.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../faults/storm/receiver.ts';
import { newFolder, startInstance, type TestInstance } from '../instance.ts';

const passphrase = `canary-${bytesToHex(randomIds.bytes(12))}`;
const pin = '730264';
const person = {
  ...{ name: '남궁카나', phone: '01044440001', birthDate: '870423', sexDigit: '2' },
  ...{ memberId: 'canary', passphrase, pin },
};

interface WalletRow {
  id: string;
  key_version: number;
  sealed_keystore: Buffer;
}

const dataDir = newFolder('jigeum-secrets-');
let instance: TestInstance;
let till: WebhookReceiver;
/** `whsec_…`, of both secrets that the endpoint has had. */
let webhookSecrets: string[];
/** Of the members, as the database had them. */
let wallets: WalletRow[];

/** When the tests look, everything has ended: a database that runs makes and removes files while they are read. */
beforeAll(async () => {
  instance = await startInstance({ dataDir });
  await leaveTraces();
  wallets = await memberWallets();
  await instance.stop();
});

afterAll(async () => {
  await instance?.stop();
  await till?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

async function leaveTraces(): Promise<void> {
  const canary = createPerson(instance.places, person);
  const other = createPerson(instance.places, {
    ...person,
    name: '박상대',
    phone: '01044440002',
    memberId: 'counter',
    pin: '280416',
  });
  await canary.join();
  await other.join();
  webhookSecrets = await addWebhook();
  await canary.charge(30_000n);
  const { transferId } = await canary.pay('counter', 10_000n, { memo: 'lunch' });
  await canary.untilFinal(transferId);
  await vi.waitFor(() => expect(till.received).toHaveLength(2), { timeout: 60_000 });
  // A wrong passphrase and a wrong PIN leave traces too, if anything does.
  await expect(
    canary.api.call('login', {
      body: { memberId: 'canary' },
      secrets: { passphrase: new TextEncoder().encode(`${passphrase}x`) },
    }),
  ).rejects.toThrow('login-refused');
}

async function memberWallets(): Promise<WalletRow[]> {
  const owner = await instance.connectOwner();
  try {
    const { rows } = await owner.query<WalletRow>(
      "select id, key_version, sealed_keystore from wallets where kind = 'member'",
    );
    await owner.query('checkpoint');
    return rows;
  } finally {
    await owner.end();
  }
}

/** A till that is told of everything, by a secret that was changed once. */
async function addWebhook(): Promise<string[]> {
  till = await startWebhookReceiver(new Random('secrets', 0));
  const token = readFileSync(join(dataDir, 'secrets', 'operator-token'), 'utf8').trim();
  const operator = createApiClient({
    baseUrl: instance.places.webUrl,
    headers: () => ({ authorization: `Bearer ${token}` }),
  });
  const { webhookId, secret: first } = await operator.call('operatorAddWebhook', { body: { url: till.url } });
  const { secret: second } = await operator.call('operatorRotateWebhook', { params: { webhookId } });
  return [first, second];
}

/** The members' private keys, as only server key and passphrase together give them. */
async function privateKeys(): Promise<Uint8Array[]> {
  const serverKey = hexToBytes(readFileSync(join(dataDir, 'secrets', 'server-key'), 'utf8').trim());
  const secrets = createSecrets({ ids: randomIds }, serverKey);
  return Promise.all(
    wallets.map(async (row) => {
      const text = secrets.open(`keystore ${row.id} ${row.key_version}`, row.sealed_keystore);
      return openKeystore({
        file: parseKeystore(new TextDecoder().decode(text)),
        passphrase: new TextEncoder().encode(passphrase),
      });
    }),
  );
}

test('no passphrase, PIN, key or birth digit of a member, and no secret of a webhook is in database, write-ahead log, logs or data folder', async () => {
  const keys = await privateKeys();
  expect(keys.map((key) => key.length)).toEqual([32, 32]);
  const needles = [
    ...keys.flatMap((key) => [
      { what: 'private key (bytes)', bytes: Buffer.from(key), isShort: false },
      { what: 'private key (hex)', bytes: Buffer.from(bytesToHex(key)), isShort: false },
      {
        what: 'private key (base64)',
        bytes: Buffer.from(Buffer.from(key).toString('base64').slice(0, 42)),
        isShort: false,
      },
    ]),
    ...forms('passphrase', passphrase),
    // So few digits also stand by chance inside long hex texts: a find counts where no hex digit stands beside it.
    ...[
      { what: 'PIN', text: pin },
      { what: 'birth date and sex digit', text: `${person.birthDate}${person.sexDigit}` },
    ].flatMap(({ what, text }) =>
      (['utf8', 'utf16le'] as const).map((encoding) => ({
        what: `${what} (${encoding})`,
        bytes: Buffer.from(text, encoding),
        isShort: true,
      })),
    ),
    ...forms('full name', person.name),
    ...webhookSecrets.flatMap((secret) => {
      const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
      return [
        ...forms('webhook secret', secret.slice('whsec_'.length)),
        { what: 'webhook secret (bytes)', bytes: key, isShort: false },
        { what: 'webhook secret (key in hex)', bytes: Buffer.from(key.toString('hex')), isShort: false },
      ];
    }),
  ];
  const files = filesBelow(dataDir);
  expect(files.length).toBeGreaterThan(100);
  const found: string[] = [];
  for (const file of files) {
    const content = readFileSync(file);
    for (const needle of needles)
      if (contains(content, needle.bytes, needle.isShort)) found.push(`${needle.what} in ${file}`);
  }
  expect(found).toEqual([]);
});

test('what a till is told names nobody', () => {
  expect(till.received.map(({ signature }) => signature.split(' ').length)).toEqual([2, 2]);
  for (const { body } of till.received)
    for (const word of [person.name, person.phone, person.memberId, 'counter', 'lunch', '김', '남궁'])
      expect(body).not.toContain(word);
});

test('the search itself finds what is there', () => {
  // The member ID is public and stored: if it is not found, the search above proves nothing.
  const hits = filesBelow(dataDir).filter((file) => contains(readFileSync(file), Buffer.from('canary'), false));
  expect(hits.some((file) => file.includes('postgres'))).toBe(true);
});

test('database and keystore files together open no keystore, even with the right passphrase', async () => {
  const stolen = [
    ...wallets.map((row) => row.sealed_keystore),
    ...filesBelow(join(dataDir, 'keystores')).map((file) => readFileSync(file)),
  ];
  expect(stolen.length).toBe(4);
  for (const bytes of stolen) {
    expect(bytes.includes('ciphertext')).toBe(false);
    await expect(
      (async () =>
        openKeystore({
          file: parseKeystore(bytes.toString('utf8')),
          passphrase: new TextEncoder().encode(passphrase),
        }))(),
    ).rejects.toThrow();
  }
});

test('the keystore file holds the same bytes as the row', async () => {
  const inRows = wallets.map((row) => bytesToHex(row.sealed_keystore)).toSorted();
  const inFiles = filesBelow(join(dataDir, 'keystores'))
    .map((file) => bytesToHex(readFileSync(file)))
    .toSorted();
  expect(inFiles).toEqual(inRows);
});

interface Needle {
  what: string;
  bytes: Buffer;
  isShort: boolean;
}

function forms(what: string, text: string): Needle[] {
  const utf8 = Buffer.from(text, 'utf8');
  // Base64 has three forms, by where the text begins; the first and last characters depend on the neighbours.
  const base64 = [0, 1, 2].map((shift) =>
    Buffer.concat([Buffer.alloc(shift), utf8])
      .toString('base64')
      .slice(shift === 0 ? 0 : 4, -4),
  );
  return [
    { what: `${what} (utf8)`, bytes: utf8, isShort: false },
    { what: `${what} (utf16)`, bytes: Buffer.from(text, 'utf16le'), isShort: false },
    { what: `${what} (hex)`, bytes: Buffer.from(utf8.toString('hex')), isShort: false },
    { what: `${what} (url)`, bytes: Buffer.from(encodeURIComponent(text)), isShort: false },
    ...base64.map((form) => ({ what: `${what} (base64)`, bytes: Buffer.from(form), isShort: false })),
  ];
}

function contains(content: Buffer, needle: Buffer, isShort: boolean): boolean {
  for (let at = content.indexOf(needle); at !== -1; at = content.indexOf(needle, at + 1)) {
    if (!isShort) return true;
    const before = String.fromCharCode(content[at - 1] ?? 0);
    const after = String.fromCharCode(content[at + needle.length] ?? 0);
    if (!/[0-9a-f.]/i.test(before) && !/[0-9a-f]/i.test(after)) return true;
  }
  return false;
}

function filesBelow(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
