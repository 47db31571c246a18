/** What a run of payments comes to: as a table for people, and as a drawing. */
import type { Plot } from '../bench-case.ts';
import { linePlot } from '../plot/line-plot.ts';
import { roundedSamples } from '../report.ts';
import { summarize } from '../summary.ts';
import { alignTable } from '../table.ts';
import type { DatabaseCounts, PartTimes } from './counters.ts';

/** A phase, and what each of its payments took from acceptance to the end. */
export interface CostOfPayment {
  readonly accepted: number;
  readonly errors: number;
  readonly firstError: string | undefined;
  readonly perSecond: number;
  readonly generatorShare: number;
  /** From the sending of the request to the end of its answer. */
  readonly answerMs: Float64Array;
  /** From acceptance to final, by the server's clock. */
  readonly finalMs: Float64Array;
  /** Of each payment, in milliseconds. */
  readonly cpuMs: PartTimes;
  /** Of each payment, where statements were counted; else zero. */
  readonly statements: number;
  readonly commits: number;
  readonly walSyncs: number;
  readonly walBytes: number;
  readonly top: DatabaseCounts['top'];
}

export interface PayerPhase extends CostOfPayment {
  readonly payers: number;
  /** Answers a second of the bare server. */
  readonly bareRate: number;
}

export interface GasPhase {
  readonly errors: number;
  readonly emptyFinalMs: Float64Array;
  readonly fundedFinalMs: Float64Array;
}

export interface GrowthPoint extends CostOfPayment {
  /** Payments that the database held before. */
  readonly past: number;
}

export interface PaymentsRun {
  readonly phases: readonly PayerPhase[];
  readonly counted: CostOfPayment;
  readonly gas: GasPhase;
  readonly growth: readonly GrowthPoint[];
}

/** What the tables say, for programs. */
export const paymentsFigures = ({ phases, counted, gas, growth }: PaymentsRun): object => ({
  phases: phases.map((phase) => ({ payers: phase.payers, bareRate: phase.bareRate, ...costFigures(phase) })),
  counted: { ...costFigures(counted), top: counted.top },
  gas: {
    errors: gas.errors,
    emptyFinalMs: summarize(gas.emptyFinalMs) ?? null,
    fundedFinalMs: summarize(gas.fundedFinalMs) ?? null,
  },
  growth: growth.map((point) => ({ past: point.past, ...costFigures(point) })),
});

function costFigures(cost: CostOfPayment): object {
  const { accepted, errors, perSecond, generatorShare, cpuMs, statements, commits, walSyncs, walBytes } = cost;
  return {
    ...{ accepted, errors, perSecond, generatorShare, cpuMs, statements, commits, walSyncs, walBytes },
    answerMs: summarize(cost.answerMs) ?? null,
    finalMs: summarize(cost.finalMs) ?? null,
  };
}

/** Every sample, in milliseconds with three decimals. */
export const paymentsSamples = ({ phases, counted, gas, growth }: PaymentsRun): object => {
  const of = ({ answerMs, finalMs }: CostOfPayment) => ({
    answerMs: roundedSamples(answerMs),
    finalMs: roundedSamples(finalMs),
  });
  return {
    phases: phases.map(of),
    counted: of(counted),
    gas: { emptyFinalMs: roundedSamples(gas.emptyFinalMs), fundedFinalMs: roundedSamples(gas.fundedFinalMs) },
    growth: growth.map(of),
  };
};

const total = ({ server, postgres, node }: PartTimes): number => server + postgres + node;
const ms = (value: number | undefined): string => (value === undefined ? 'none' : value.toFixed(value < 10 ? 2 : 0));

/** The tables. Durations in milliseconds. */
export function reportText({ phases, counted, gas, growth }: PaymentsRun): string {
  const [empty, funded] = [summarize(gas.emptyFinalMs), summarize(gas.fundedFinalMs)];
  const ratio = (one: number | undefined, other: number | undefined): string =>
    one === undefined || other === undefined ? 'none' : (one / other).toFixed(3);
  return [
    ...alignTable([
      HEAD,
      ...phases.map((phase) => [`${phase.payers} payers`, ...costRow(phase), phase.bareRate.toFixed(0)]),
    ]),
    ...[...phases, counted, ...growth].flatMap(({ firstError }) => (firstError === undefined ? [] : [firstError])),
    '',
    `Of each payment, from acceptance to final, at ${counted.perSecond.toFixed(0)} a second: ${counted.statements.toFixed(1)} statements, ${counted.commits.toFixed(2)} commits, ${counted.walSyncs.toFixed(2)} waits for the disk (PostgreSQL's), ${(counted.walBytes / 1024).toFixed(1)} KiB of log.`,
    '',
    ...alignTable([
      ['to final', 'payments', 'mean', 'p50', 'p99', 'max'],
      ...[['with gas', gas.fundedFinalMs, funded] as const, ['without gas', gas.emptyFinalMs, empty] as const].map(
        ([name, samples, summary]) => [
          ...[name, String(samples.length), ms(summary?.mean), ms(summary?.p50), ms(summary?.p99), ms(summary?.max)],
        ],
      ),
      [
        'ratio',
        '',
        ratio(empty?.mean, funded?.mean),
        ratio(empty?.p50, funded?.p50),
        ratio(empty?.p99, funded?.p99),
        '',
      ],
    ]),
    ...(growth.length === 0
      ? []
      : [
          '',
          ...alignTable([
            ['past payments', ...HEAD.slice(1, -1)],
            ...growth.map((point) => [String(point.past), ...costRow(point)]),
          ]),
        ]),
  ].join('\n');
}

const HEAD = [
  ...['', 'accepted', 'errors', 'per s', 'answer p50', 'p99', 'to final p50', 'p99'],
  ...['CPU ms each', 'server', 'postgres', 'node', 'generator %', 'bare per s'],
];

function costRow(phase: CostOfPayment): string[] {
  const answer = summarize(phase.answerMs);
  const final = summarize(phase.finalMs);
  return [
    String(phase.accepted),
    String(phase.errors),
    phase.perSecond.toFixed(0),
    ms(answer?.p50),
    ms(answer?.p99),
    ms(final?.p50),
    ms(final?.p99),
    ms(total(phase.cpuMs)),
    ms(phase.cpuMs.server),
    ms(phase.cpuMs.postgres),
    ms(phase.cpuMs.node),
    (phase.generatorShare * 100).toFixed(0),
  ];
}

/** The cost of a payment over the number of past ones, which is drawn by its powers of ten. */
export function growthPlot(growth: readonly GrowthPoint[]): Plot {
  const line = (label: string, value: (point: GrowthPoint) => number) => ({
    label,
    points: growth.map((point) => [Math.log10(point.past), value(point)] as const),
  });
  return {
    name: 'growth',
    svg: linePlot({
      title: 'transfers: what a payment costs after so many',
      xLabel: 'past payments, as a power of ten',
      yLabel: 'milliseconds of processor time of all parts',
      series: [
        line('all parts', ({ cpuMs }) => total(cpuMs)),
        line('PostgreSQL', ({ cpuMs }) => cpuMs.postgres),
        line('server', ({ cpuMs }) => cpuMs.server),
      ],
    }),
  };
}
