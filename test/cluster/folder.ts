/** The folder of a cluster: secrets, the platform's keystores and the genesis of its chain. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createKeystore, serializeKeystore } from '@jigeum/keystore';
import { bytesToHex, toHex0x, type Ids } from '@jigeum/std';
import { generatePrivateKey, keyHash, makeSymId, type SymId } from '@jigeum/symverse';
import { nativeCrypto } from '@jigeum/symverse/native';

export const CHAIN_ID = 7777;
const CA_ID = 3;
/** 10^18 hug are one SYM. */
const PLATFORM_HUG = 1_000_000n * 10n ** 18n;

export interface ClusterFolder {
  readonly path: string;
  readonly file: (...parts: string[]) => string;
  readonly serverKey: Uint8Array;
  readonly secrets: {
    readonly serverKey: string;
    readonly passphrase: string;
    readonly operatorToken: string;
    readonly ca: string;
    readonly partner: string;
  };
}

/** Makes the folders and every secret. */
export function makeFolder(path: string, ids: Pick<Ids, 'bytes'>): ClusterFolder {
  const file = (...parts: string[]): string => join(path, ...parts);
  for (const name of ['secrets', 'platform', 'keystores', 'node', 'logs']) mkdirSync(file(name), { mode: 0o700 });
  const serverKey = ids.bytes(32);
  const secret = (name: string, text: string): string => {
    writeFileSync(file('secrets', name), `${text}\n`, { mode: 0o400 });
    return file('secrets', name);
  };
  return {
    path,
    file,
    serverKey,
    secrets: {
      serverKey: secret('server-key', bytesToHex(serverKey)),
      passphrase: secret('platform-passphrase', PASSPHRASE),
      operatorToken: secret('operator-token', bytesToHex(ids.bytes(32))),
      ca: secret('ca', bytesToHex(ids.bytes(16))),
      partner: secret('partner', bytesToHex(ids.bytes(24))),
    },
  };
}

const PASSPHRASE = 'the passphrase of a test platform';

/** A key's place on the chain before the first block, with coin of its own or none. */
export interface FirstCitizen {
  readonly address: SymId;
  /** 20 bytes. */
  readonly keyHash: Uint8Array;
  readonly hug: bigint;
}

export const newAddress = (ids: Pick<Ids, 'bytes'>): SymId => makeSymId({ caId: CA_ID, random: ids.bytes(6), seq: 2 });

/** Makes treasury and reserve and writes the genesis. Returns its file. */
export async function writeGenesis(
  folder: ClusterFolder,
  ids: Pick<Ids, 'bytes'>,
  people: readonly FirstCitizen[],
  options: { timestamp: number; scryptN: number },
): Promise<string> {
  const citizens = [...people];
  for (const name of ['treasury', 'reserve']) {
    const privateKey = generatePrivateKey(ids);
    const address = newAddress(ids);
    const keystore = await createKeystore(
      { ids },
      {
        privateKey,
        passphrase: new TextEncoder().encode(PASSPHRASE),
        address: address.slice(2),
        format: 'symverse-v3',
        cost: { n: options.scryptN, r: 8, p: 1 },
      },
    );
    writeFileSync(folder.file('platform', `${name}.json`), serializeKeystore(keystore), { mode: 0o400 });
    citizens.push({
      address,
      keyHash: keyHash(nativeCrypto.publicKey(privateKey), nativeCrypto.sha3),
      hug: PLATFORM_HUG,
    });
  }
  const genesisFile = folder.file('genesis.json');
  const genesis = {
    chainId: CHAIN_ID,
    timestamp: options.timestamp,
    caId: CA_ID,
    citizens: citizens.map((citizen) => ({ symId: citizen.address, keyHash: toHex0x(citizen.keyHash) })),
    allocations: Object.fromEntries(
      citizens.filter(({ hug }) => hug > 0n).map(({ address, hug }) => [address, hug.toString()]),
    ),
  };
  writeFileSync(genesisFile, JSON.stringify(genesis));
  return genesisFile;
}
