/** Stops at once when a belief of the programmer does not hold. Never for bad input: that gets an error of its own. */
export function assert(condition: unknown, belief: string): asserts condition {
  if (!condition) throw new Error(`Assertion failed: ${belief}`);
}

/** The branch that the types say cannot be reached. */
export function assertNever(value: never): never {
  throw new Error(`Assertion failed: unexpected ${JSON.stringify(value)}`);
}
