/** `jigeum keystore new | open | change`: keystore files by hand. The passphrase is asked for and never an argument. */
import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import {
  changePassphrase,
  createKeystore,
  defaultScryptCost,
  KeystoreError,
  openKeystore,
  parseKeystore,
  serializeKeystore,
  type KeystoreFile,
  type KeystoreFormat,
} from '@jigeum/keystore';
import { bytesToHex, equalBytes, isHex, hexToBytes, randomIds } from '@jigeum/std';
import { generatePrivateKey, isPrivateKey, keyHash } from '@jigeum/symverse';
import { nativeCrypto } from '@jigeum/symverse/native';
import { writeAtomically } from '../embedded/data-folder.ts';
import { askSecrets } from '../prompt.ts';
import { Refusal } from '../refusal.ts';

const USAGE = `Usage:
  jigeum keystore new <file> [--address <SymID>] [--format symverse-v3|ethereum-v3|v4] [--n 32768] [--import]
  jigeum keystore open <file> [--show-key]
  jigeum keystore change <file>

"new" makes a key (or asks for one with --import) and writes an encrypted file; an existing file is never overwritten.
"open" checks the passphrase and prints address and key hash; --show-key prints the private key as well.
"change" sets another passphrase; key and address stay. Passphrases are asked for, or read from standard input, a line each.`;

const FORMATS: readonly KeystoreFormat[] = ['symverse-v3', 'ethereum-v3', 'v4'];
const PASSPHRASE_BYTES_MIN = 8;

export async function keystoreCommand(argv: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      address: { type: 'string' },
      format: { type: 'string', default: 'symverse-v3' },
      n: { type: 'string', default: String(defaultScryptCost.n) },
      import: { type: 'boolean', default: false },
      'show-key': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const [verb, file] = positionals;
  if (values.help || verb === undefined) {
    console.log(USAGE);
    return;
  }
  if (file === undefined) throw new Refusal(USAGE);
  try {
    if (verb === 'new') await newKeystore(file, values);
    else if (verb === 'open') await open(file, values['show-key']);
    else if (verb === 'change') await change(file);
    else throw new Refusal(`There is no "keystore ${verb}".\n\n${USAGE}`);
  } catch (error) {
    if (error instanceof KeystoreError) throw new Refusal(error.message);
    throw error;
  }
}

interface NewOptions {
  address?: string | undefined;
  format: string;
  n: string;
  import: boolean;
}

async function newKeystore(file: string, options: NewOptions): Promise<void> {
  if (existsSync(file)) throw new Refusal(`${file} exists. Choose another name: a keystore is never overwritten.`);
  const format = FORMATS.find((known) => known === options.format);
  if (format === undefined) throw new Refusal(`Expected --format ${FORMATS.join(', ')}; got "${options.format}".`);
  const n = Number.parseInt(options.n, 10);
  if (!Number.isInteger(Math.log2(n)) || n < 4096 || n > 2 ** 20) {
    throw new Refusal(`Expected --n a power of two from 4096 to ${2 ** 20}; got "${options.n}".`);
  }
  const questions = [...(options.import ? ['Private key (hex)'] : []), 'Passphrase', 'Passphrase again'];
  const answers = await askSecrets(questions);
  const privateKey = options.import ? readKey(answers[0]!) : generatePrivateKey(randomIds);
  const [passphrase, again] = answers.slice(-2) as [Uint8Array, Uint8Array];
  try {
    requireSamePassphrase(passphrase, again);
    const hash = keyHash(nativeCrypto.publicKey(privateKey), nativeCrypto.sha3);
    const keystore = await createKeystore(
      { ids: randomIds },
      {
        privateKey,
        passphrase,
        address: options.address ?? bytesToHex(hash),
        format,
        cost: { ...defaultScryptCost, n },
      },
    );
    writeAtomically(file, `${serializeKeystore(keystore)}\n`, 0o600);
    console.log(`${file} written (${format}).\nkey hash  0x${bytesToHex(hash)}`);
  } finally {
    privateKey.fill(0);
    for (const answer of answers) answer.fill(0);
  }
}

async function open(file: string, shouldShowKey: boolean): Promise<void> {
  const keystore = read(file);
  const [passphrase] = (await askSecrets(['Passphrase'])) as [Uint8Array];
  let privateKey: Uint8Array | undefined;
  try {
    privateKey = await openKeystore({ file: keystore, passphrase });
    console.log(`The passphrase is right.\naddress   ${keystore.address}`);
    if (isPrivateKey(privateKey)) {
      console.log(`key hash  0x${bytesToHex(keyHash(nativeCrypto.publicKey(privateKey), nativeCrypto.sha3))}`);
    }
    if (shouldShowKey)
      console.log(`key       ${bytesToHex(privateKey)}\nWhoever knows this key owns what is at the address.`);
  } finally {
    passphrase.fill(0);
    privateKey?.fill(0);
  }
}

async function change(file: string): Promise<void> {
  const keystore = read(file);
  const [oldPassphrase, newPassphrase, again] = (await askSecrets([
    'Old passphrase',
    'New passphrase',
    'New passphrase again',
  ])) as [Uint8Array, Uint8Array, Uint8Array];
  try {
    requireSamePassphrase(newPassphrase, again);
    const changed = await changePassphrase({ ids: randomIds }, { file: keystore, oldPassphrase, newPassphrase });
    writeAtomically(file, `${serializeKeystore(changed)}\n`, 0o600);
    console.log(`${file} has the new passphrase. Key and address are unchanged.`);
  } finally {
    for (const secret of [oldPassphrase, newPassphrase, again]) secret.fill(0);
  }
}

function read(file: string): KeystoreFile {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Refusal(`${file} cannot be read (${(cause as NodeJS.ErrnoException).code}).`);
  }
  return parseKeystore(text);
}

function readKey(typed: Uint8Array): Uint8Array {
  const text = Buffer.from(typed).toString('latin1').replace(/^0x/, '');
  const key = isHex(text) ? hexToBytes(text) : new Uint8Array();
  if (!isPrivateKey(key)) throw new Refusal('Expected a private key of 64 hex digits within the range of the curve.');
  return key;
}

function requireSamePassphrase(passphrase: Uint8Array, again: Uint8Array): void {
  if (!equalBytes(passphrase, again)) throw new Refusal('The two passphrases differ. Nothing was written.');
  if (passphrase.length < PASSPHRASE_BYTES_MIN) {
    throw new Refusal(`Expected a passphrase of at least ${PASSPHRASE_BYTES_MIN} characters. Nothing was written.`);
  }
}
