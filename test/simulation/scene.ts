/** A world as people and checks see it. */
import type { Network } from './people/network.ts';
import type { Told } from './people/told.ts';
import type { Platform, SimulatedMember } from './platform.ts';
import type { Surroundings } from './surroundings.ts';

/** What is drawn for a world once. */
export interface WorldRules {
  serverCount: number;
  memberCount: number;
  /** Between two acts of a member. */
  thinkMs: number;
  hasPauses: boolean;
  blockMs: number;
  finalityDepth: number;
  nonceGapMax: number;
  countsComingCoin: boolean;
}

export interface Scene {
  readonly platform: Platform;
  readonly surroundings: Surroundings;
  readonly rules: WorldRules;
  readonly network: Network;
  readonly told: Told;
  readonly members: readonly SimulatedMember[];
  /** Nobody begins anything new. */
  readonly isEnding: boolean;
  newKey(): string;
  /** An even number near `base` that no other has; the odd one after it belongs to nobody. */
  newAmount(base: bigint): bigint;
  /** Rests for about so long, but not beyond the end of the faults. */
  think(usualMs: number, what: string): Promise<void>;
}
