/** A transaction that somebody signs with a person's key beside the platform, and gives to the node himself. */
import { createSymverseDriver } from '@jigeum/chain-symverse';
import type { UnsignedIntent } from '@jigeum/chain';
import { bytesToHex, toHex0x } from '@jigeum/std';
import { signatureToBytes } from '@jigeum/symverse';
import { nativeCrypto } from '@jigeum/symverse/native';
import { CHAIN_ID } from './folder.ts';
import type { Person } from './people.ts';

/** Signs with the chain's next nonce of this person, unless one is given, and sends. Returns the hash, 64 hex digits. */
export async function sendBeside(
  nodeUrl: string,
  input: { person: Pick<Person, 'address' | 'privateKey'>; intent: UnsignedIntent; nonce?: number },
): Promise<string> {
  const { person, intent } = input;
  const driver = createSymverseDriver({ node: nodeUrl, chainId: CHAIN_ID, crypto: nativeCrypto });
  const { raw, hash } = driver.sign({
    intent,
    from: person.address,
    nonce: input.nonce ?? (await driver.finalNonce(person.address)),
    signer: {
      sign(digest) {
        const signature = nativeCrypto.sign(digest, person.privateKey);
        const bytes = signatureToBytes(signature);
        return { r: bytes.subarray(0, 32), s: bytes.subarray(32), v: signature.v };
      },
    },
  });
  const response = await fetch(nodeUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'sym_sendRawTransaction', params: [toHex0x(raw)] }),
  });
  const answer = (await response.json()) as { error?: unknown };
  if (answer.error !== undefined)
    throw new Error(`Expected the node to take ${bytesToHex(hash)}, got ${JSON.stringify(answer.error)}.`);
  return bytesToHex(hash);
}
