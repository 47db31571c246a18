/** What is wrong with an audit log, as far as a verification names it. */

export interface Finding {
  /** `row` by its UUID, the others by their number; the log as a whole where nothing else is left to name. */
  where: 'log' | 'row' | 'link' | 'checkpoint' | 'head' | 'anchor';
  /** The link's number, where there is one: findings are sorted by it. */
  seq: bigint | null;
  name: string;
  /** What was expected and what came. */
  problem: string;
}

/** One is enough to refuse a log; whoever looks for the extent of the damage sees this many. */
const NAMED_MAX = 20;

/** Collects findings: the first ones are kept, all are counted. */
export class Findings {
  readonly named: Finding[] = [];
  count = 0;

  add(finding: Finding): void {
    this.count++;
    if (this.named.length < NAMED_MAX) this.named.push(finding);
  }

  /** By the place in the log, so that the first is the first bad row. */
  sorted(): Finding[] {
    return this.named.toSorted((left, right) => Number((left.seq ?? 0n) - (right.seq ?? 0n)));
  }
}
