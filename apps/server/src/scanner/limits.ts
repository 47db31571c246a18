/**
 * How much one network address may ask of the public pages: a bucket of points that fills again with time. In memory, each
 * process for itself: a read of the database to allow a read of the database would be no protection.
 */
import type { Clock } from '@jigeum/std';
import { AppError } from '#platform';

/** Who opens every page of a chain by hand stays far below; who copies the chain has the node's own interface. */
const POINTS_MAX = 240;
const POINTS_PER_SECOND = 40;
/** Addresses that are remembered: a few megabytes. The one that asked longest ago is forgotten first. */
const ADDRESSES_MAX = 20_000;

export interface ScanLimits {
  /** Takes points. Throws 'rate-limited' with the seconds to wait where they are used up. */
  take(subject: string, points: number): void;
}

/** Makes empty limits. */
export function createScanLimits(
  deps: { clock: Clock },
  limits = { pointsMax: POINTS_MAX, pointsPerSecond: POINTS_PER_SECOND, addressesMax: ADDRESSES_MAX },
): ScanLimits {
  const buckets = new Map<string, { points: number; atMs: number }>();
  return {
    take(subject, points) {
      const nowMs = deps.clock.nowMs();
      const bucket = buckets.get(subject) ?? { points: limits.pointsMax, atMs: nowMs };
      const gained = (Math.max(0, nowMs - bucket.atMs) / 1000) * limits.pointsPerSecond;
      const has = Math.min(limits.pointsMax, bucket.points + gained);
      // Moved to the end: the first of the map is the one that asked longest ago.
      buckets.delete(subject);
      buckets.set(subject, { points: has >= points ? has - points : has, atMs: nowMs });
      if (buckets.size > limits.addressesMax) buckets.delete(buckets.keys().next().value!);
      if (has < points)
        throw new AppError('rate-limited', {
          retryAfterSeconds: Math.max(1, Math.ceil((points - has) / limits.pointsPerSecond)),
        });
    },
  };
}
