/** A start that cannot go on: one sentence that says what is wrong and what to do. Shown without a stack. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}
