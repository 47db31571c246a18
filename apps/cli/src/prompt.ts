/** Asks for a secret on the terminal without showing it, or reads it from standard input when that is not a terminal. */
import { createInterface } from 'node:readline';
import { Refusal } from './refusal.ts';

const SECRET_BYTES_MAX = 1024;

/** UTF-8 bytes of what was typed. The caller clears them. */
export async function askSecrets(questions: readonly string[]): Promise<Uint8Array[]> {
  return process.stdin.isTTY ? askOnTerminal(questions) : readLines(questions);
}

/** One line for each question, in their order. */
async function readLines(questions: readonly string[]): Promise<Uint8Array[]> {
  const lines = createInterface({ input: process.stdin, terminal: false });
  const secrets: Uint8Array[] = [];
  for await (const line of lines) {
    secrets.push(Buffer.from(line, 'utf8'));
    if (secrets.length === questions.length) break;
  }
  if (secrets.length < questions.length) {
    throw new Refusal(
      `Expected ${questions.length} line(s) on standard input (${questions.join(', ')}), got ${secrets.length}.`,
    );
  }
  return secrets;
}

async function askOnTerminal(questions: readonly string[]): Promise<Uint8Array[]> {
  const secrets: Uint8Array[] = [];
  for (const question of questions) secrets.push(await askOne(question));
  return secrets;
}

function askOne(question: string): Promise<Uint8Array> {
  process.stderr.write(`${question}: `);
  process.stdin.setRawMode(true);
  process.stdin.resume();
  const typed: number[] = [];
  return new Promise((resolve, reject) => {
    const finish = (act: () => void): void => {
      process.stdin.off('data', onData);
      process.stdin.setRawMode(false);
      process.stdin.pause();
      process.stderr.write('\n');
      act();
    };
    const onData = (chunk: Buffer): void => {
      for (const byte of chunk) {
        if (byte === 3) return finish(() => reject(new Refusal('Stopped.')));
        if (byte === 13 || byte === 10) {
          return finish(() => {
            const secret = Uint8Array.from(typed);
            typed.fill(0);
            resolve(secret);
          });
        }
        if (byte === 127 || byte === 8) typed.pop();
        else if (typed.length < SECRET_BYTES_MAX) typed.push(byte);
      }
      chunk.fill(0);
    };
    process.stdin.on('data', onData);
  });
}
