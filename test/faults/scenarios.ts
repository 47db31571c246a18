/** The scenarios by name: the one list. */
import { diskFullScenario } from './disk-full/scenario.ts';
import { lostAnswersScenario } from './lost-answers/run.ts';
import { auditScenario } from './audit/scenario.ts';
import { nodeScenario } from './node/scenario.ts';
import { overspendScenario } from './races/overspend.ts';
import { twinsScenario } from './races/twins.ts';
import { recoveryScenario } from './recovery/scenario.ts';
import type { Scenario } from './scenario.ts';
import { stormScenario } from './storm/scenario.ts';

export const SCENARIOS: Readonly<Record<string, Scenario>> = {
  storm: stormScenario,
  node: nodeScenario,
  audit: auditScenario,
  twins: twinsScenario,
  overspend: overspendScenario,
  'lost-answers': lostAnswersScenario,
  recovery: recoveryScenario,
  'disk-full': diskFullScenario,
};
