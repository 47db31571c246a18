/** Runs worlds one after the other in this thread. */
import type { Image, Platform } from './platform.ts';
import { openImage, setUp } from './setup.ts';
import { World, type WorldResult } from './world.ts';

/** A world is short: what goes wrong in it is near. Its end comes on top. */
export const WORLD_STEPS = 4_000;
const MEMBERS = 7;

/** The platform that all worlds begin with. */
export const makeImage = (): Promise<Image> =>
  setUp({ memberCount: MEMBERS, withTokens: MEMBERS - 1, withCoin: 4, payeeCount: MEMBERS - 1 });

/** Opens it for worlds in this thread. `sqlMutation`: see `openImage`. */
export const openWorlds = (image: Image, sqlMutation?: string): Promise<Platform> => openImage(image, sqlMutation);

/** One world by its number. */
export const runWorld = (platform: Platform, input: { seed: string; index: number }): Promise<WorldResult> =>
  new World(platform, input).run(WORLD_STEPS);
