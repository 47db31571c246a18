/** A read could not be answered: the node is away, too slow or talks nonsense. Nothing follows about the chain's state. */
export class ChainUnreachable extends Error {
  override readonly name = 'ChainUnreachable';
}
