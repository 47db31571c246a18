/** A/B/A/B: reference and measured side take turns, so that what else the machine does meets both. */
import { cpuTimeMs } from './cpu-time.ts';
import type { LoadGenerator, LoadResult, LoadTarget } from './load/generator.ts';

/** One of the two sides of a ratio. */
export interface Side {
  readonly name: string;
  readonly target: LoadTarget;
  /** The process that answers, where one does it all: its processor time and memory are measured. */
  readonly pid?: number;
}

export interface RoundResult extends LoadResult {
  /** What the answering process used of the processor meanwhile; undefined where that is not known. */
  readonly cpuMs: number | undefined;
}

/** The rounds of one side in order. */
export interface SideResult {
  readonly name: string;
  readonly rounds: readonly RoundResult[];
}

/** Of each side. Two show whether the first was luck. */
export const ROUNDS = 2;
/** Of each side, thrown away: code is compiled, connections and caches are filled. */
export const WARM_UP_SECONDS = 2;

/** Measures both sides for `seconds` each, in `ROUNDS` rounds after a warm-up. `begin` is called between the two. */
export async function runRounds(
  generator: Pick<LoadGenerator, 'run'>,
  { reference, measured }: { readonly reference: Side; readonly measured: Side },
  {
    connections,
    seconds,
    begin,
  }: { readonly connections: number; readonly seconds: number; readonly begin: () => void },
): Promise<{ reference: SideResult; measured: SideResult }> {
  const round = async (side: Side, forSeconds: number): Promise<RoundResult> => {
    const cpuBeforeMs = side.pid === undefined ? undefined : cpuTimeMs(side.pid);
    const result = await generator.run({ target: side.target, connections, seconds: forSeconds });
    const cpuAfterMs = side.pid === undefined ? undefined : cpuTimeMs(side.pid);
    const isKnown = cpuBeforeMs !== undefined && cpuAfterMs !== undefined;
    return { ...result, cpuMs: isKnown ? cpuAfterMs - cpuBeforeMs : undefined };
  };
  await round(reference, WARM_UP_SECONDS);
  await round(measured, WARM_UP_SECONDS);
  begin();
  const results = { reference: [] as RoundResult[], measured: [] as RoundResult[] };
  for (let index = 0; index < ROUNDS; index++) {
    results.reference.push(await round(reference, seconds / ROUNDS));
    results.measured.push(await round(measured, seconds / ROUNDS));
  }
  return {
    reference: { name: reference.name, rounds: results.reference },
    measured: { name: measured.name, rounds: results.measured },
  };
}
