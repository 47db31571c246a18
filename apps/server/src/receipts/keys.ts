/** Whose keys count, for those who check receipts: present and past ones. */
import type { ReceiptKeysView } from '@jigeum/api';
import type { Issuer } from '@jigeum/receipt';
import { toHex0x } from '@jigeum/std';
import type { Deps } from '#deps';
import * as rows from './store.ts';

/** All issuers' keys and all keys whose seal stands in a receipt. `isCurrent`: this server signs with it. */
export async function receiptKeys(deps: Pick<Deps, 'db' | 'chain'>, issuer: Issuer | null): Promise<ReceiptKeysView> {
  const { issuerKeys, sealers } = await rows.allKeys(deps.db);
  return {
    chainId: deps.chain.chainId.toString(),
    issuerKeys: issuerKeys.map((key) => ({
      keyId: toHex0x(key.key_id),
      publicKey: toHex0x(key.public_key),
      firstUsedAt: key.first_used_at.toISOString(),
      isCurrent: issuer !== null && issuer.keyId === toHex0x(key.key_id),
    })),
    sealers: sealers.map((sealer) => ({ symId: sealer.sym_id, keyHash: toHex0x(sealer.key_hash) })),
  };
}
