/** The platform's key for receipts: read at start, its public half kept for ever. */
import { createIssuer, type Issuer } from '@jigeum/receipt';
import { readReceiptKey } from '#config';
import type { PlatformDeps } from '#platform';
import * as rows from './store.ts';

/** The issuer of the configured key, or null where none is configured. The only effect: its public key is in the history. */
export async function openReceiptIssuer(deps: Pick<PlatformDeps, 'config' | 'db' | 'clock'>): Promise<Issuer | null> {
  if (deps.config.receiptKeyFile === null) return null;
  const secret = readReceiptKey(deps.config.receiptKeyFile);
  const issuer = createIssuer(secret);
  secret.fill(0);
  await rows.insertIssuerKey(deps.db, {
    keyId: issuer.keyId,
    publicKey: issuer.publicKey,
    at: new Date(deps.clock.nowMs()),
  });
  return issuer;
}
