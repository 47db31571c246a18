/** Plants a mutant: from now on its files are loaded with its changes. Call it before any of them is imported. */
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { MUTANTS, type Mutant } from './mutants.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Throws where no mutant has that name. Whoever loads a file of it without the text that it changes gets an error. */
export function plant(name: string): Mutant {
  const mutant = MUTANTS.find((each) => each.name === name);
  if (mutant === undefined)
    throw new Error(`Expected one of the mutants ${MUTANTS.map((each) => each.name).join(', ')}, got ${name}.`);
  registerHooks({
    load(url, context, next) {
      const loaded = next(url, context);
      const path = url.startsWith('file:') ? fileURLToPath(url).slice(ROOT.length) : '';
      const changes = mutant.changes?.filter(({ file }) => file === path) ?? [];
      if (changes.length === 0) return loaded;
      let source = Buffer.from(loaded.source as Uint8Array).toString('utf8');
      for (const { find, replace } of changes) source = changed({ source, find, replace, mutant, path });
      return { ...loaded, source };
    },
  });
  return mutant;
}

function changed(input: { source: string; find: string; replace: string; mutant: Mutant; path: string }): string {
  const { source, find, replace } = input;
  const at = source.indexOf(find);
  if (at < 0 || source.includes(find, at + 1))
    throw new Error(
      `Expected the text of the mutant ${input.mutant.name} exactly once in ${input.path}. Bring test/simulation/mutants.ts up to date: ${find}`,
    );
  return source.slice(0, at) + replace + source.slice(at + find.length);
}
