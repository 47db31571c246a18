/**
 * What Node is started with where it runs a work node; package.json has the same for `npm run jigeum`. V8 reads the size of young
 * space only at its start: with the 64 MB that it chooses on a machine with much memory, a node on a long chain takes 190 MB more
 * than with 16.
 */
export const NODE_FLAGS: readonly string[] = ['--max-semi-space-size=16'];
