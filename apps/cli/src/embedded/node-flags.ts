/**
 * What Node is started with where it runs a work node; package.json has the same for `npm run jigeum`. V8 reads the size of young
 * space only at its start. With 16 MB a third of the busy thread's time is collecting garbage, for what waits for its block outlives
 * several collections; with the 64 MB that V8 chooses on a machine with much memory, a node on a long chain takes 100 MB more than with 32.
 * It has that size from the beginning: V8 would make it smaller in every quiet moment, and learn in every busy one that it was too small.
 * That is the main thread's: `boundHeapGrowth` gives other threads what they ask for.
 */
export const NODE_FLAGS: readonly string[] = ['--min-semi-space-size=32', '--max-semi-space-size=32'];
