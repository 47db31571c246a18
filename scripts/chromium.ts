/** Finds a Chromium for the tests that need a browser, and installs one where this machine allows it. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const KNOWN_PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

const HELP =
  'No Chromium was found and none could be installed: install one (Debian: "apt-get install chromium fonts-noto-cjk", ' +
  'elsewhere: "npx playwright-core install --with-deps chromium") and run the tests again.';

/** Path of a Chromium that answers `--version`, or undefined. Looks at the usual places and at Playwright's own download. */
export function findChromium(): string | undefined {
  return [...KNOWN_PLACES, chromium.executablePath()].find((path) => existsSync(path) && answersVersion(path));
}

/**
 * Path of a Chromium, installed first if there is none: Debian's package for root where apt-get exists, Playwright's own otherwise.
 * Root on Debian also gets a Korean font, without which screenshots show boxes. Says on standard output what it does.
 * Throws one sentence that helps when it cannot.
 */
export async function ensureChromium(): Promise<string> {
  const found = findChromium();
  const isDebianRoot = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
  const missing = isDebianRoot
    ? [...(found === undefined ? ['chromium'] : []), ...(hasKoreanFont() ? [] : ['fonts-noto-cjk'])]
    : [];
  if (missing.length > 0) installDebianPackages(missing);
  const path = found ?? findChromium() ?? installPlaywrightsOwn();
  if (path === undefined) throw new Error(HELP);
  return path;
}

function answersVersion(path: string): boolean {
  return spawnSync(path, ['--version'], { timeout: 20_000, stdio: 'ignore' }).status === 0;
}

function hasKoreanFont(): boolean {
  const list = spawnSync('fc-list', [':lang=ko', 'family'], { encoding: 'utf8', timeout: 20_000 });
  return list.status === 0 && list.stdout.trim() !== '';
}

function installDebianPackages(packages: readonly string[]): void {
  console.log(
    `Installing ${packages.join(' and ')} with apt-get, for the tests in a browser. This takes about a minute.`,
  );
  const apt = (...args: string[]): boolean => {
    const command = [
      'DEBIAN_FRONTEND=noninteractive',
      'apt-get',
      '-qq',
      '-o',
      'Dpkg::Use-Pty=0',
      '-o',
      'DPkg::Lock::Timeout=300',
      ...args,
    ];
    return spawnSync('env', command, { stdio: ['ignore', 'ignore', 'inherit'], timeout: 600_000 }).status === 0;
  };
  if (!apt('update')) console.log('apt-get update failed; trying with the package lists that are here.');
  if (!apt('install', '--yes', '--no-install-recommends', ...packages))
    console.log(`apt-get could not install ${packages.join(' and ')}.`);
}

function installPlaywrightsOwn(): string | undefined {
  console.log("Installing Playwright's Chromium, for the tests in a browser.");
  const cli = fileURLToPath(new URL('cli.js', import.meta.resolve('playwright-core/package.json')));
  const withSystemLibraries = process.getuid?.() === 0 ? ['--with-deps'] : [];
  spawnSync(process.execPath, [cli, 'install', ...withSystemLibraries, 'chromium'], {
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: 600_000,
  });
  return findChromium();
}
