/** What must not stand in the code, and what to write instead: the one list. */

/** One forbidden form. */
export interface Ban {
  rule: string;
  /** Searched line by line in `view`; the first match of a line counts. */
  pattern: RegExp;
  /** `code`: comments and the contents of strings are blank. `text`: the file as it is. */
  view: 'code' | 'text';
  /** What to do instead; follows the rule's name in the message. */
  instead: string;
  /** Paths from the root that the ban concerns; all files unless given. */
  only?: RegExp;
  /** Paths from the root that may do it. */
  except?: RegExp;
  /** Only lines that also match this. */
  near?: RegExp;
}

const TEST_FILE = /\.test\.tsx?$|^test\//;
/** This list and its reader have to name what they forbid. */
const TIDY = /^scripts\/tidy(\.test)?\.ts$|^scripts\/tidy\//;

/** The forbidden forms of TypeScript. */
export const BANS: readonly Ban[] = [
  {
    rule: 'no-date-now',
    pattern: /\bDate\.now\(/,
    view: 'code',
    instead: 'take a Clock from deps and call clock.nowMs()',
  },
  {
    rule: 'no-new-date',
    pattern: /\bnew Date\(\s*\)/,
    view: 'code',
    instead: 'take a Clock from deps: new Date(clock.nowMs())',
    except: /^packages\/std\/src\/clock\.ts$/,
  },
  {
    rule: 'no-math-random',
    pattern: /\bMath\.random\(/,
    view: 'code',
    instead: 'take Ids from deps and call ids.bytes() or ids.uuid()',
  },
  {
    rule: 'no-parse-float',
    pattern: /\bparseFloat\(/,
    view: 'code',
    instead: 'read amounts with parseAmount of @jigeum/money',
  },
  {
    rule: 'no-number-of-amount',
    pattern: /\bNumber\(/,
    near: /amount|balance|\bwon\b|Won\b|\bhug\b|Hug\b|Base\b|\bfee|Fee\b|supply|price/i,
    view: 'code',
    instead: 'keep amounts as bigint; a number loses units above 2^53',
  },
  {
    rule: 'no-process-env',
    pattern: /\bprocess\.env\b/,
    view: 'code',
    instead: 'read it in this program’s config.ts and pass it on',
    except: /(^|\/)config\.ts$/,
  },
  {
    rule: 'no-broadcast',
    pattern: /\.broadcast\(/,
    view: 'code',
    instead: 'write a chain outbox row; only transfers/submit-job.ts broadcasts',
    only: /^apps\//,
    except: /\/submit-job\.ts$|\.test\.ts$/,
  },
  {
    rule: 'no-leftover',
    pattern: /\b(FIXME|TODO)\b/,
    view: 'text',
    instead: 'do it now, or write it under "Known violations" in ARCHITECTURE.md',
    except: TIDY,
  },
  {
    rule: 'no-export-star',
    pattern: /^\s*export\s+(type\s+)?\*/,
    view: 'code',
    instead: 'name what the module offers',
  },
  { rule: 'no-as-any', pattern: /\bas any\b/, view: 'code', instead: 'give it its type, or unknown and a check' },
  {
    rule: 'no-ts-ignore',
    pattern: /@ts-(ignore|nocheck)\b/,
    view: 'text',
    instead: 'mend the type, or @ts-expect-error with the reason after it',
    except: TIDY,
  },
  {
    rule: 'no-bare-disable',
    pattern: /(ox|es)lint-disable(?!.* -- \S)/,
    view: 'text',
    instead: 'name the rule and say why: oxlint-disable-next-line rule -- reason',
    except: TIDY,
  },
  {
    rule: 'no-swallowed-rejection',
    // `catch(() => undefined)` on a value that is looked at afterwards is an answer like any other.
    pattern: /\.catch\(\s*\(?\w*\)?\s*=>\s*\{\s*\}\s*\)|\bvoid .*\.catch\(\s*\(?\w*\)?\s*=>\s*(undefined|null)\s*\)/,
    view: 'text',
    instead: 'handle the error, or log it; if nothing is to be done, say in a comment inside why',
  },
  {
    rule: 'no-focused-test',
    pattern: /\b(test|it|describe)\.only\b/,
    view: 'code',
    instead: 'run all tests',
    only: TEST_FILE,
  },
  {
    rule: 'no-skipped-test',
    pattern: /\b(test|it|describe)\.(skip|todo|fails)\(/,
    view: 'code',
    instead: 'mend or delete the test; for a machine that lacks something use test.skipIf',
    only: TEST_FILE,
  },
  {
    rule: 'no-console',
    pattern: /\bconsole\.\w+\(/,
    view: 'code',
    instead: 'return or throw it; libraries and the server print nothing (the server has its log)',
    only: /^(packages|apps\/server)\//,
    // A program's main and a developer's generator print.
    except: /\.test\.tsx?$|\/generate-[a-z-]+\.ts$|^apps\/server\/src\/main\.ts$/,
  },
  {
    rule: 'no-machine-path',
    pattern: /(?<![\w.])\/(work\/(main|shared|\.)|(home|root)\/\w+\/)/,
    view: 'text',
    instead: 'take the path from configuration or from import.meta.url',
    except: TIDY,
  },
];

/** A wrong word, in identifiers of the folders named, and the glossary's word for it. */
export interface WrongWord {
  rule: string;
  /** Matched against each identifier split into words: `bankAccountId` is `bank account id`. */
  pattern: RegExp;
  instead: string;
  only: RegExp;
  except: RegExp;
}

/** Identifiers that are not ours to name: the browser's, PostgreSQL's, Fastify's, the chain's. */
export const PROTOCOL_NAMES: ReadonlySet<string> = new Set([
  'user', // PostgreSQL's and URL's option
  'username', // URL and WebAuthn
  'userAgent',
  'userinfo',
  'userInfo', // os.userInfo()
  'userID', // SymID 2.0
  'userEvent', // Testing Library
  'userSelect', // CSS
  'userScalable',
]);

const OUR_CODE = /^(apps|packages)\//;
const PROTOCOL_CODE = /^packages\/(symverse|worknode|chain-symverse)\//;

/** The wrong words of docs/domain/glossary.md that a machine can see. */
export const WRONG_WORDS: readonly WrongWord[] = [
  {
    rule: 'word-user',
    // An operating system's user is one.
    pattern: /(?<!\b(?:unprivileged|database|system|os) )\busers?\b/,
    instead: 'say member',
    only: OUR_CODE,
    // Where PostgreSQL is started, a user is the operating system's.
    except: new RegExp(`${PROTOCOL_CODE.source}|postgres|/testing\\.ts$`),
  },
  {
    rule: 'word-account',
    pattern: /(?<!\b(?:bank|scan) )\baccounts?\b(?! (?:number|holder)\b)/,
    instead: 'say wallet, SymID or bank account',
    only: OUR_CODE,
    // The scanner shows the chain's own accounts under the chain's own word.
    except: new RegExp(`${PROTOCOL_CODE.source}|scanner|/scan[-/]`),
  },
  {
    rule: 'word-withdraw',
    pattern: /\bwithdraw(al|als|s)?\b/,
    instead: 'say conversion (token to won) or payout',
    only: OUR_CODE,
    except: PROTOCOL_CODE,
  },
];

/** File names that say nothing about what is inside. */
export const EMPTY_FILE_NAMES = /^(util|utils|helper|helpers|misc|manager|data|info|types)\.tsx?$/;
