/** The only reader of the environment in the command-line tool. */
import { homedir, tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';

export interface CliConfig {
  /** The checkout: where package.json of the workspaces lies. */
  readonly rootDir: string;
  readonly tmpDir: string;
  readonly homeDir: string;
  /** True when npm started this process: then the end of npm ends us too. */
  readonly isUnderNpm: boolean;
  /** Environment that children inherit: paths and locale, nothing of ours. */
  readonly childEnv: Readonly<Record<string, string>>;
}

const INHERITED = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'NODE_EXTRA_CA_CERTS'] as const;

/** Reads the environment once. */
export function readCliConfig(): CliConfig {
  const childEnv: Record<string, string> = {};
  for (const name of INHERITED) {
    const value = process.env[name];
    if (value !== undefined) childEnv[name] = value;
  }
  return {
    rootDir: fileURLToPath(new URL('../../..', import.meta.url)),
    tmpDir: tmpdir(),
    homeDir: homedir(),
    isUnderNpm: process.env['npm_lifecycle_event'] !== undefined,
    childEnv,
  };
}
