/** Where an axis is marked: at multiples of 1, 2 or 5 times a power of ten, so that people can read between the marks. */

export interface Axis {
  /** In rising order, the ends of the axis among them. */
  readonly ticks: readonly number[];
  readonly from: number;
  readonly to: number;
}

/** An axis that holds both values, with about so many steps. Values that are equal get an axis all the same. */
export function axisFor(min: number, max: number, stepsWanted: number): Axis {
  if (!Number.isFinite(min) || !Number.isFinite(max) || min > max)
    throw new RangeError(`Expected a range to draw, got ${min} to ${max}.`);
  const span = max > min ? max - min : Math.abs(max) || 1;
  const step = niceStep(span / stepsWanted);
  const first = Math.floor(min / step + 1e-9);
  const last = Math.max(Math.ceil(max / step - 1e-9), first + 1);
  // Multiplied, not added up: ten times 0.1 is not 1. Rounded, since 3 × 0.1 is not 0.3.
  const ticks = Array.from({ length: last - first + 1 }, (_, index) => rounded((first + index) * step));
  return { ticks, from: ticks[0]!, to: ticks.at(-1)! };
}

/** The smallest of 1, 2 and 5 times a power of ten that is not below the step. */
function niceStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  const factor = [1, 2, 5, 10].find((each) => each * power >= step * (1 - 1e-9)) ?? 10;
  return factor * power;
}

const rounded = (value: number): number => Number(value.toPrecision(12));

/** A tick as text: `1,000,000`, `0.25`. */
export const tickText = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 6 });
