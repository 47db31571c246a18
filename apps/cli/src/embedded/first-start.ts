/** What only the first start makes: the keys of treasury and reserve, and the genesis of the embedded chain. */
import { existsSync, readFileSync } from 'node:fs';
import { createKeystore, defaultScryptCost, serializeKeystore } from '@jigeum/keystore';
import { randomIds, systemClock, toHex0x } from '@jigeum/std';
import { generatePrivateKey, HUG_PER_SYM, keyHash, makeSymId, type SymId } from '@jigeum/symverse';
import { nativeCrypto } from '@jigeum/symverse/native';
import { writeAtomically, type DataFolder } from './data-folder.ts';

/** The embedded CA's id: the first that is neither Master CA nor the CA of the public samples. */
export const EMBEDDED_CA_ID = 0x0003;
export const EMBEDDED_CHAIN_ID = 7777;

/** Native coin of the gas treasury at genesis: enough for a hundred million payments. */
const TREASURY_HUG = 1_000_000n * HUG_PER_SYM;
/** Native coin of the reserve, which pays its own fees: token creation and the transfers of charges. */
const RESERVE_HUG = 1_000_000n * HUG_PER_SYM;

const PLATFORM_WALLETS = [
  { name: 'treasury', balanceHug: TREASURY_HUG },
  { name: 'reserve', balanceHug: RESERVE_HUG },
] as const;

interface PlatformWallet {
  readonly symId: SymId;
  readonly keyHashHex: string;
}

/** Makes what does not exist yet; a start that was cut off goes on where it stopped. Returns the genesis file's path. */
export async function prepareFirstStart(folder: DataFolder, chainId: number): Promise<string> {
  const genesisFile = folder.file('node', 'genesis.json');
  if (existsSync(genesisFile)) return genesisFile;
  folder.secretFile('platform-passphrase', 32);
  const passphrase = new TextEncoder().encode(folder.readSecret('platform-passphrase'));
  const wallets: (PlatformWallet & { balanceHug: bigint })[] = [];
  for (const { name, balanceHug } of PLATFORM_WALLETS) {
    const file = folder.file('platform', `${name}.json`);
    const note = folder.file('platform', `${name}.key-hash`);
    if (!existsSync(file) || !existsSync(note)) await makeWallet(file, note, passphrase);
    const keystore = JSON.parse(readFileSync(file, 'utf8')) as { address: string };
    wallets.push({
      symId: `0x${keystore.address}` as SymId,
      keyHashHex: readFileSync(note, 'utf8').trim(),
      balanceHug,
    });
  }
  const genesis = {
    chainId,
    timestamp: Math.floor(systemClock.nowMs() / 1000),
    caId: EMBEDDED_CA_ID,
    citizens: wallets.map(({ symId, keyHashHex }) => ({ symId, keyHash: keyHashHex })),
    allocations: Object.fromEntries(wallets.map(({ symId, balanceHug }) => [symId, balanceHug.toString()])),
  };
  writeAtomically(genesisFile, `${JSON.stringify(genesis, null, 2)}\n`, 0o644);
  return genesisFile;
}

async function makeWallet(file: string, note: string, passphrase: Uint8Array): Promise<void> {
  const privateKey = generatePrivateKey(randomIds);
  try {
    const symId = makeSymId({ caId: EMBEDDED_CA_ID, random: randomIds.bytes(6), seq: 2 });
    const keystore = await createKeystore(
      { ids: randomIds },
      { privateKey, passphrase, address: symId.slice(2), format: 'symverse-v3', cost: defaultScryptCost },
    );
    writeAtomically(note, `${toHex0x(keyHash(nativeCrypto.publicKey(privateKey), nativeCrypto.sha3))}\n`, 0o644);
    writeAtomically(file, `${serializeKeystore(keystore)}\n`, 0o600);
  } finally {
    privateKey.fill(0);
  }
}
