/** A build step that weighs what a first visit loads, prints it, and stops the build when it is too much. */
import { gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

/** Script of one entry with its first screen and language, gzipped; fonts and styles apart. */
const FIRST_LOAD_BYTES_MAX = 150 * 1024;

/** What each entry's first visit needs beyond its static imports. */
const FIRST_SCREENS: Record<string, readonly string[]> = {
  index: ['src/i18n/client-ko.ts', 'src/client/join/Landing.tsx', 'src/client/home/Home.tsx'],
  scan: ['src/i18n/scan-ko.ts', 'src/scan/Overview.tsx'],
};

/** The plugin. */
export function weighFirstLoad(): Plugin {
  return {
    name: 'weigh-first-load',
    apply: 'build',
    generateBundle(_options, bundle) {
      const chunks = Object.values(bundle).filter((file) => file.type === 'chunk');
      for (const entry of chunks.filter((chunk) => chunk.isEntry)) {
        const wanted = FIRST_SCREENS[entry.name] ?? [];
        const roots = [
          entry,
          ...chunks.filter((chunk) => wanted.some((path) => chunk.facadeModuleId?.endsWith(path) === true)),
        ];
        const loaded = new Set<string>();
        const visit = (fileName: string): void => {
          const chunk = chunks.find((one) => one.fileName === fileName);
          if (chunk === undefined || loaded.has(fileName)) return;
          loaded.add(fileName);
          for (const imported of chunk.imports) visit(imported);
        };
        for (const root of roots) visit(root.fileName);
        const size = chunks
          .filter((chunk) => loaded.has(chunk.fileName))
          .reduce((sum, chunk) => sum + gzipSync(chunk.code).length, 0);
        const text = `First load of ${entry.name}: ${(size / 1024).toFixed(1)} kB of script, gzipped, in ${loaded.size} files.`;
        if (size > FIRST_LOAD_BYTES_MAX)
          this.error(`${text} Expected at most ${FIRST_LOAD_BYTES_MAX / 1024} kB: load something later.`);
        console.log(text);
      }
    },
  };
}
