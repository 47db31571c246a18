/**
 * Does together what many ask for at once: while one round is under way, the next one collects. Whoever comes alone waits
 * for nobody, and a hundred who come at once cost a few statements and one wait for the disk instead of a hundred.
 */
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

/** More than this many that wait are turned away: they would wait longer than anybody stays. */
const WAITING_MAX = 4_000;

interface Waiting<In, Out> {
  item: In;
  key: string | undefined;
  resolve(out: Out): void;
  reject(error: unknown): void;
}

/** Makes the function that asks. A round that throws is repeated item by item, so that nobody is refused for another's sake. */
export function together<In, Out>(options: TogetherOptions<In, Out>): (item: In) => Promise<Out> {
  let waiting: Waiting<In, Out>[] = [];
  const busyKeys = new Set<string>();
  let rounds = 0;

  const take = (): Waiting<In, Out>[] => {
    const taken: Waiting<In, Out>[] = [];
    const left: Waiting<In, Out>[] = [];
    for (const each of waiting) {
      if (taken.length < options.itemsMax && (each.key === undefined || !busyKeys.has(each.key))) {
        if (each.key !== undefined) busyKeys.add(each.key);
        taken.push(each);
      } else left.push(each);
    }
    waiting = left;
    return taken;
  };

  const start = (): void => {
    while (rounds < options.roundsMax && waiting.length > 0) {
      const items = take();
      if (items.length === 0) return;
      rounds++;
      void round(items).finally(() => {
        rounds--;
        for (const { key } of items) if (key !== undefined) busyKeys.delete(key);
        start();
      });
    }
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
    } catch (error) {
      if (items.length === 1) items[0]!.reject(error);
      else for (const each of items) await round([each]);
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
