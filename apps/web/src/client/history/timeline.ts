/** One list of payments and charges, newest first, from two lists that arrive in pages. */
import type { ChargeView, TransferView } from '@jigeum/api';

export type Entry =
  | { readonly kind: 'payment'; readonly id: string; readonly at: string; readonly transfer: TransferView }
  | { readonly kind: 'charge'; readonly id: string; readonly at: string; readonly charge: ChargeView };

export interface Loaded<T> {
  readonly items: readonly T[];
  readonly hasMore: boolean;
}

/**
 * Merges what has been loaded. An entry older than the end of a list that has more is left out, because entries of that
 * list may belong before it: nothing jumps when the next page arrives.
 */
export function mergeTimeline(transfers: Loaded<TransferView>, charges: Loaded<ChargeView>): Entry[] {
  const horizon = [
    transfers.hasMore ? transfers.items.at(-1)?.requestedAt : undefined,
    charges.hasMore ? charges.items.at(-1)?.requestedAt : undefined,
  ].reduce<string>((latest, at) => (at !== undefined && at > latest ? at : latest), '');
  const entries: Entry[] = [
    ...transfers.items.map((transfer): Entry => ({
      kind: 'payment',
      id: transfer.transferId,
      at: transfer.requestedAt,
      transfer,
    })),
    ...charges.items.map((charge): Entry => ({ kind: 'charge', id: charge.chargeId, at: charge.requestedAt, charge })),
  ];
  return entries
    .filter((entry) => entry.at >= horizon)
    .sort((left, right) => (left.at < right.at ? 1 : left.at > right.at ? -1 : left.id < right.id ? 1 : -1));
}

export interface MonthGroup {
  /** The month in Korea, for example 2026-11. */
  readonly month: string;
  readonly entries: Entry[];
}

/** Groups a sorted list by the month in Korea (UTC+9, no summer time). */
export function groupByMonth(entries: readonly Entry[]): MonthGroup[] {
  const groups: MonthGroup[] = [];
  for (const entry of entries) {
    const month = new Date(new Date(entry.at).getTime() + KOREA_OFFSET_MS).toISOString().slice(0, 7);
    const last = groups.at(-1);
    if (last?.month === month) last.entries.push(entry);
    else groups.push({ month, entries: [entry] });
  }
  return groups;
}

const KOREA_OFFSET_MS = 9 * 60 * 60 * 1_000;
