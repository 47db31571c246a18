/**
 * Does together what many ask for at once: while one round is under way, the next one collects. Whoever comes alone waits
 * for nobody, and a hundred who come at once cost a few statements and one wait for the disk instead of a hundred.
 */
import type { Clock } from '@jigeum/std';
import { AppError } from './app-error.ts';

export interface TogetherOptions<In, Out> {
  /** One round: an answer for each item, in their order. Where it throws, nothing must have happened to any of them. */
  run(items: readonly In[]): Promise<readonly PromiseSettledResult<Out>[]>;
  /** Two items with one key are never under way at once: the later waits for the end of the earlier. */
  keyOf?: (item: In) => string;
  /** Items of one round. */
  itemsMax: number;
  /** Rounds at once. */
  roundsMax: number;
}

/**
 * Another round begins beside one that has been under way for so long; until then whoever comes waits for its end. Few who come
 * all the time would else keep two rounds going that are half as full and cost as much.
 */
const BESIDE_AFTER_MS = 15;
/** Keys of which it is remembered that they broke a round; the oldest are forgotten. */
const LONERS_MAX = 1_000;
/** More than this many that wait are turned away: they would wait longer than anybody stays. */
const WAITING_MAX = 4_000;

interface Waiting<In, Out> {
  item: In;
  key: string | undefined;
  resolve(out: Out): void;
  reject(error: unknown): void;
}

/**
 * Makes the function that asks. A round that throws is repeated item by item, so that nobody is refused for another's sake.
 * A key whose item throws by itself, too, goes alone until one of its items succeeds: somebody who is always refused must
 * not break the rounds of all others again and again.
 */
export function together<In, Out>(
  { clock }: { clock: Pick<Clock, 'after'> },
  options: TogetherOptions<In, Out>,
): (item: In) => Promise<Out> {
  let waiting: Waiting<In, Out>[] = [];
  const busyKeys = new Set<string>();
  const loners = new Set<string>();
  let rounds = 0;
  /** The newest round, until it ends or others may begin beside it. */
  let young: { cancel: () => void } | undefined;

  const take = (): Waiting<In, Out>[] => {
    const taken: Waiting<In, Out>[] = [];
    const left: Waiting<In, Out>[] = [];
    let isFull = false;
    for (const each of waiting) {
      const isFree = each.key === undefined || !busyKeys.has(each.key);
      const goesAlone = each.key !== undefined && loners.has(each.key);
      if (isFull || !isFree || (goesAlone && taken.length > 0)) {
        left.push(each);
        continue;
      }
      if (each.key !== undefined) busyKeys.add(each.key);
      taken.push(each);
      isFull = goesAlone || taken.length === options.itemsMax;
    }
    waiting = left;
    return taken;
  };

  const remember = (key: string | undefined, hasBroken: boolean): void => {
    if (key === undefined) return;
    loners.delete(key);
    if (!hasBroken) return;
    loners.add(key);
    if (loners.size > LONERS_MAX) loners.delete(loners.values().next().value!);
  };

  const start = (): void => {
    while (rounds < options.roundsMax && young === undefined && waiting.length > 0) {
      const items = take();
      if (items.length === 0) return;
      begin(items);
    }
  };

  const begin = (items: readonly Waiting<In, Out>[]): void => {
    rounds++;
    const mine = { cancel: clock.after(BESIDE_AFTER_MS, () => grown(mine)) };
    young = mine;
    void round(items).finally(() => {
      rounds--;
      mine.cancel();
      for (const { key } of items) if (key !== undefined) busyKeys.delete(key);
      grown(mine);
    });
  };

  const grown = (one: typeof young): void => {
    if (young === one) young = undefined;
    start();
  };

  const round = async (items: readonly Waiting<In, Out>[]): Promise<void> => {
    try {
      const results = await options.run(items.map(({ item }) => item));
      if (results.length !== items.length)
        throw new Error(`Expected an answer for each of ${items.length} items, got ${results.length}.`);
      for (const [index, { resolve, reject }] of items.entries()) {
        const result = results[index]!;
        if (result.status === 'fulfilled') resolve(result.value);
        else reject(result.reason);
      }
      if (items.length === 1) remember(items[0]!.key, false);
    } catch (error) {
      const [first] = items;
      if (items.length > 1) {
        for (const each of items) await round([each]);
      } else {
        remember(first!.key, true);
        first!.reject(error);
      }
    }
  };

  return (item) =>
    new Promise<Out>((resolve, reject) => {
      if (waiting.length >= WAITING_MAX) {
        reject(new AppError('service-busy', { retryAfterSeconds: 1 }));
        return;
      }
      waiting.push({ item, key: options.keyOf?.(item), resolve, reject });
      start();
    });
}

/** The answers of items that have one each. */
export const allFulfilled = <Out>(values: readonly Out[]): PromiseFulfilledResult<Out>[] =>
  values.map((value) => ({ status: 'fulfilled', value }));
