/** Counting, for what is told at the end. */

/** How often each text came, the most frequent first: `202 ×4000, 409 ×12`. */
export function countsOf(texts: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts]
    .toSorted(([, left], [, right]) => right - left)
    .map(([text, count]) => `${text} ×${count}`)
    .join(', ');
}
