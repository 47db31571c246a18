/** Signs the transfers of a plan into a file of slots, before the clock starts: the signing must not be what is measured. */
import { closeSync, ftruncateSync, openSync } from 'node:fs';
import type { SymId } from '@jigeum/symverse';
import { startChild, type Child } from '../child.ts';
import { personOf, signCall, type Person } from './people.ts';
import { transferAt, type TransferPlan } from './plan.ts';
import { SLOT_BYTES } from './slots.ts';

/** What one signing process does: the lists `firstList`, `firstList + listStep`, … */
export interface SignOrder {
  readonly kind: ChainKind;
  readonly plan: TransferPlan;
  readonly contract: string;
  /** Exists already. */
  readonly file: string;
  readonly firstList: number;
  readonly listStep: number;
}

export type ChainKind = 'symverse' | 'evm';

/** Signs the transfer of a slot. */
export type SlotSigner = (list: number, slot: number) => Uint8Array;

const PROCESSES = 2;
/** One token, in base units: an amount of usual length. */
export const AMOUNT_BASE = 10n ** 18n;

/** Signs SCT20 transfers. Keeps the people whom it has met. */
export function sct20Signer(plan: TransferPlan, contract: SymId): SlotSigner {
  const known = new Map<number, Person>();
  const person = (index: number): Person => {
    const met = known.get(index) ?? personOf(index);
    known.set(index, met);
    return met;
  };
  return (list, slot) => {
    const { from, to, nonce } = transferAt(plan, list, slot);
    const call = { method: 'transfer', to: person(to).symId, amount: AMOUNT_BASE } as const;
    return signCall(person(from), { contract, nonce, call }).raw;
  };
}

/** A file of empty slots. */
export function makeSlots(file: string, count: number): void {
  const handle = openSync(file, 'w');
  ftruncateSync(handle, count * SLOT_BYTES);
  closeSync(handle);
}

/** Fills the file with the whole plan, in two processes. */
export async function signAll(order: Omit<SignOrder, 'firstList' | 'listStep'>): Promise<void> {
  const children: Child<unknown>[] = [];
  try {
    for (let index = 0; index < PROCESSES; index++)
      children.push(await startChild(new URL('../programs/sign-worker.ts', import.meta.url)));
    await Promise.all(
      children.map((child, firstList) => child.ask({ ...order, firstList, listStep: PROCESSES } satisfies SignOrder)),
    );
  } finally {
    await Promise.all(children.map((child) => child.stop()));
  }
}
