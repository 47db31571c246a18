/** What the person is about to send: kept for this tab, so that the back button and a reload lose nothing. */
import type { PayeeView } from '@jigeum/api';
import { createStore } from '../../state/store.ts';

export interface SendDraft {
  readonly payee: PayeeView | null;
  /** Whole won as typed, decimal digits; empty before. */
  readonly won: string;
  readonly memo: string;
  /** What stands in the search field. */
  readonly search: string;
}

const empty: SendDraft = { payee: null, won: '', memo: '', search: '' };

export const sendDraft = createStore<SendDraft>(empty, {
  storage: () => sessionStorage,
  key: 'jigeum.send',
  decode: (json) =>
    typeof json === 'object' && json !== null ? { ...empty, ...(json as Partial<SendDraft>) } : undefined,
});

export const changeDraft = (change: Partial<SendDraft>): void => sendDraft.set({ ...sendDraft.get(), ...change });
/** Another payee: what was entered for the one before does not follow along. The same one keeps it. */
export function choosePayee(payee: PayeeView, won: bigint | null): void {
  const before = sendDraft.get();
  const kept = before.payee?.payeeId === payee.payeeId ? before : { ...empty, search: before.search };
  sendDraft.set({ ...kept, payee, ...(won === null ? {} : { won: won.toString() }) });
}

export const clearDraft = (): void => sendDraft.set(empty);
