/** Signs transfers into a file of slots; see transfers/sign.ts. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { parseSymId } from '@jigeum/symverse';
import { erc20Signer } from '../evm/erc20-transfer.ts';
import { sct20Signer, type SignOrder, type SlotSigner } from '../transfers/sign.ts';
import { SLOT_BYTES, writeSlot } from '../transfers/slots.ts';

process.on('disconnect', () => process.exit(0));
process.on('message', (order: SignOrder) => {
  fill(order);
  process.send?.({ kind: 'signed' });
});
process.send?.({ kind: 'ready' });

function fill({ kind, plan, contract, file, firstList, listStep }: SignOrder): void {
  const sign: SlotSigner =
    kind === 'symverse' ? sct20Signer(plan, parseSymId(contract)) : erc20Signer(plan, contract as `0x${string}`);
  const { lists, slotsPerList } = plan;
  const slots = Buffer.alloc(slotsPerList * SLOT_BYTES);
  const handle = openSync(file, 'r+');
  for (let list = firstList; list < lists; list += listStep) {
    for (let slot = 0; slot < slotsPerList; slot++) writeSlot(slots, slot, sign(list, slot));
    writeSync(handle, slots, 0, slots.length, list * slots.length);
  }
  closeSync(handle);
}
