/** A read could not be answered: the node is away, too slow or talks nonsense. Nothing follows about the chain's state. */
export class ChainUnreachable extends Error {
  override readonly name = 'ChainUnreachable';
}

/**
 * The node that answered belongs to another chain than the one that is asked for: its answers say nothing of ours. To whoever asked
 * it is a chain that is not reached; an operator reads the message, which names both chains.
 */
export class OtherChain extends ChainUnreachable {}
