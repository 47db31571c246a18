/** Every decoder that takes bytes from strangers, by name. */
import type { FuzzTarget } from './target.ts';
import { BLOCK_TARGETS } from './targets/blocks.ts';
import { PROOF_TARGET } from './targets/proof.ts';
import { RECEIPT_TARGET } from './targets/payment-receipt.ts';
import { RECORD_TARGETS } from './targets/records.ts';
import { createRpcTarget } from './targets/rpc.ts';
import { SCT_TARGET } from './targets/sct.ts';

/** All targets, in the order in which a whole run takes them. */
export const createTargets = async (): Promise<readonly FuzzTarget[]> => [
  ...RECORD_TARGETS,
  SCT_TARGET,
  ...BLOCK_TARGETS,
  PROOF_TARGET,
  RECEIPT_TARGET,
  await createRpcTarget(),
];
