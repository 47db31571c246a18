/** The operator's connection to a running server: its address and bearer token, found in the data folder or given. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ApiProblem, ApiUnknown, createApiClient, type ApiClient } from '@jigeum/api';
import { Refusal } from './refusal.ts';

export interface OperatorOptions {
  data?: string | undefined;
  url?: string | undefined;
  'token-file'?: string | undefined;
}

/** A comparison of thousands of wallets takes its time. */
const ANSWER_WITHIN_MS = 60_000;

/** Options that every command which talks to a server takes. */
export const operatorOptions = {
  data: { type: 'string' },
  url: { type: 'string' },
  'token-file': { type: 'string' },
} as const;

/** The address of the server that runs on a data folder, as `up` wrote it. */
export function serverUrl(rootDir: string, options: OperatorOptions): string {
  if (options.url !== undefined) return options.url.replace(/\/$/, '');
  const file = join(resolve(options.data ?? join(rootDir, 'data')), 'addresses.json');
  if (!existsSync(file))
    throw new Refusal(
      `No server is known: ${file} does not exist. Start one with "npm start", or name it with --url and --token-file.`,
    );
  return (JSON.parse(readFileSync(file, 'utf8')) as { web: string }).web;
}

/** A client with the operator's token. */
export function operatorClient(rootDir: string, options: OperatorOptions): ApiClient {
  const baseUrl = serverUrl(rootDir, options);
  const tokenFile =
    options['token-file'] ?? join(resolve(options.data ?? join(rootDir, 'data')), 'secrets', 'operator-token');
  let token: string;
  try {
    token = readFileSync(tokenFile, 'utf8').trim();
  } catch (cause) {
    throw new Refusal(
      `The operator's token ${tokenFile} cannot be read (${(cause as NodeJS.ErrnoException).code}). Name it with --token-file.`,
    );
  }
  return createApiClient({
    baseUrl,
    timeoutMs: ANSWER_WITHIN_MS,
    headers: () => ({ authorization: `Bearer ${token}` }),
  });
}

/** Asks the server, and tells a refusal or silence as a sentence. `key`: where the request changes something, to repeat it by. */
export async function askServer<T>(
  rootDir: string,
  options: OperatorOptions,
  ask: (api: ApiClient) => Promise<T>,
  key?: string,
): Promise<T> {
  try {
    return await ask(operatorClient(rootDir, options));
  } catch (error) {
    if (error instanceof ApiProblem)
      throw new Refusal(`Refused: ${error.problem.detail ?? error.problem.title} (${error.problem.code})`);
    if (error instanceof ApiUnknown)
      throw new Refusal(
        key === undefined
          ? 'No answer came. Is the server running?'
          : `No answer came, so it is not known whether it was done. Ask again with: --key ${key}`,
      );
    throw error;
  }
}
