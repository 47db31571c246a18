import { describe, expect, it } from 'vitest';
import { linePlot, spread } from './line-plot.ts';

const PLOT = { title: 'a < b & c', xLabel: 'seconds', yLabel: 'per second', series: [] };

/** Where the points of the first line lie, in pixels. */
const pointsOf = (svg: string): number[][] =>
  /<polyline points="([^"]+)"/
    .exec(svg)![1]!
    .split(' ')
    .map((point) => point.split(',').map(Number));

describe('a plot', () => {
  it('draws values in proportion, from the lower left corner, whatever their size', () => {
    const svg = linePlot({
      ...PLOT,
      series: [
        {
          label: 'one',
          points: [
            [0, 0],
            [50, 500],
            [100, 1000],
          ],
        },
      ],
    });
    const [first, middle, last] = pointsOf(svg);
    expect(first).toEqual([84, 398]);
    expect(last![1]).toBe(58);
    expect(middle![0]! * 2).toBeCloseTo(first![0]! + last![0]!, 0);
    expect(middle![1]! * 2).toBeCloseTo(first![1]! + last![1]!, 0);
  });

  it('begins both axes at zero, so that a flat line is drawn flat and not at the bottom', () => {
    const [first, last] = pointsOf(
      linePlot({
        ...PLOT,
        series: [
          {
            label: 'memory',
            points: [
              [10, 990],
              [20, 1000],
            ],
          },
        ],
      }),
    );
    expect(first![1]! - last![1]!).toBeLessThan(4);
    expect(last![1]).toBeLessThan(70);
  });

  it('writes text as text', () => {
    const svg = linePlot({ ...PLOT, series: [{ label: '<x>', points: [[1, 1]] }] });
    expect(svg).toContain('a &lt; b &amp; c');
    expect(svg).toContain('>&lt;x&gt;</text>');
  });

  it('is refused without any point', () => {
    expect(() => linePlot({ ...PLOT, series: [{ label: 'none', points: [] }] })).toThrow('got none');
  });
});

it('keeps labels in their order and moves them apart only where they would cover each other', () => {
  expect(spread([100, 20, 101, 300])).toEqual([100, 20, 117, 300]);
});
