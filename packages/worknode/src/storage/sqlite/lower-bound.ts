/** Where the first entry of a sorted list stands that is not below the wanted one; the length where there is none. */
export function lowerBound(entries: ArrayLike<number>, wanted: number): number {
  let from = 0;
  let to = entries.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (entries[middle]! < wanted) from = middle + 1;
    else to = middle;
  }
  return from;
}
