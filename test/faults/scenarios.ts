/** The scenarios by name: the one list. */
import { nodeScenario } from './node/scenario.ts';
import type { Scenario } from './scenario.ts';
import { stormScenario } from './storm/scenario.ts';

export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  storm: stormScenario,
  node: nodeScenario,
};
