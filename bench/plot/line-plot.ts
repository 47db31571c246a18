/** Draws lines over two axes as SVG, 800 pixels wide on white, each line named where it ends. */
import { axisFor, tickText, type Axis } from './ticks.ts';

export interface Series {
  readonly label: string;
  /** x and y, in the order in which they are joined. */
  readonly points: readonly (readonly [number, number])[];
  /** Points that are not joined, for measurements that scatter. */
  readonly isScatter?: boolean;
}

export interface LinePlot {
  readonly title: string;
  /** With their units: "seconds since the first request". */
  readonly xLabel: string;
  readonly yLabel: string;
  readonly series: readonly Series[];
}

const WIDTH = 800;
const HEIGHT = 460;
const MARGIN = { left: 84, top: 58, bottom: 62 };
const STEPS = 5;
/** Of text at 13 pixels, on average and with some room. */
const CHARACTER_WIDTH = 7.3;
const LABEL_HEIGHT = 17;
/** Okabe and Ito's colours, which people with any colour vision tell apart, without those that are pale on white. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#aa3377', '#555555'];

/** The drawing. Both axes begin at zero, so that a line that looks flat is flat. Series without points are left out. */
export function linePlot({ title, xLabel, yLabel, series: given }: LinePlot): string {
  const series = given.filter(({ points }) => points.length > 0);
  if (series.length === 0) throw new RangeError(`Expected points to draw for "${title}", got none.`);
  const right = WIDTH - 24 - Math.max(...series.map(({ label }) => label.length)) * CHARACTER_WIDTH;
  const bottom = HEIGHT - MARGIN.bottom;
  const values = (at: 0 | 1): number[] => series.flatMap(({ points }) => points.map((point) => point[at]));
  const xAxis = axisFor(0, largest(values(0)), STEPS);
  const yAxis = axisFor(0, largest(values(1)), STEPS);
  const x = scale(xAxis, MARGIN.left, right);
  const y = scale(yAxis, bottom, MARGIN.top);
  const ends = spread(series.map(({ points }) => y(points.at(-1)![1])));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" font-family="system-ui, Helvetica, Arial, sans-serif" font-size="13" fill="#222222">`,
    `<title>${escape(title)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    `<text x="16" y="26" font-size="16" font-weight="600">${escape(title)}</text>`,
    ...yAxis.ticks.flatMap((tick) => [
      `<line x1="${MARGIN.left}" x2="${px(right)}" y1="${px(y(tick))}" y2="${px(y(tick))}" stroke="${tick === 0 ? '#222222' : '#e2e2e2'}"/>`,
      `<text x="${MARGIN.left - 8}" y="${px(y(tick) + 4.5)}" text-anchor="end">${tickText(tick)}</text>`,
    ]),
    ...xAxis.ticks.flatMap((tick) => [
      `<line x1="${px(x(tick))}" x2="${px(x(tick))}" y1="${bottom}" y2="${bottom + 5}" stroke="#222222"/>`,
      `<text x="${px(x(tick))}" y="${bottom + 21}" text-anchor="middle">${tickText(tick)}</text>`,
    ]),
    `<text x="${px((MARGIN.left + right) / 2)}" y="${HEIGHT - 14}" text-anchor="middle">${escape(xLabel)}</text>`,
    `<text x="16" y="${MARGIN.top - 14}" fill="#555555">${escape(yLabel)}</text>`,
    ...series.flatMap((one, index) => {
      const colour = COLOURS[index % COLOURS.length]!;
      const [lastX] = one.points.at(-1)!;
      const label = `<text x="${px(x(lastX) + 8)}" y="${px(ends[index]! + 4.5)}" fill="${colour}" font-weight="600">${escape(one.label)}</text>`;
      return [...marks(one, colour, x, y), label];
    }),
    '</svg>',
    '',
  ].join('\n');
}

type Scale = (value: number) => number;

function scale({ from, to }: Axis, start: number, end: number): Scale {
  return (value) => start + ((value - from) / (to - from)) * (end - start);
}

function marks({ points, isScatter = false }: Series, colour: string, x: Scale, y: Scale): string[] {
  if (isScatter || points.length === 1) {
    const dots = points.map(([atX, atY]) => `<circle cx="${px(x(atX))}" cy="${px(y(atY))}" r="2.2"/>`);
    return [`<g fill="${colour}" fill-opacity="0.55">${dots.join('')}</g>`];
  }
  const path = points.map(([atX, atY]) => `${px(x(atX))},${px(y(atY))}`).join(' ');
  return [`<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2" stroke-linejoin="round"/>`];
}

/** Heights of labels, moved apart where they would cover each other, in the order given. */
export function spread(heights: readonly number[]): number[] {
  const order = heights.map((_, index) => index).toSorted((a, b) => heights[a]! - heights[b]!);
  const placed = [...heights];
  for (let index = 1; index < order.length; index++) {
    const above = placed[order[index - 1]!]!;
    placed[order[index]!] = Math.max(placed[order[index]!]!, above + LABEL_HEIGHT);
  }
  return placed;
}

// Not Math.max(...values): a million arguments are too many.
const largest = (values: readonly number[]): number => values.reduce((most, value) => Math.max(most, value), 0);

const px = (value: number): string => value.toFixed(1);

const escape = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
