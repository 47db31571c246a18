/** `jigeum token create | mint | burn | pause | unpause | show`: the operator's work on tokens, through the server's API. */
import { parseArgs } from 'node:util';
import { ApiProblem, ApiUnknown, type ApiClient, type OperatorTokenView, type TokenOperationView } from '@jigeum/api';
import { formatAmount, parseAmount } from '@jigeum/money';
import { systemClock } from '@jigeum/std';
import { readCliConfig } from '../config.ts';
import { operatorClient, operatorOptions } from '../operator.ts';
import { newKey } from '../person.ts';
import { Refusal } from '../refusal.ts';

const USAGE = `Usage:
  jigeum token create <symbol> --name <name> --supply <tokens> [--decimals 18] [--won-per-token 1]
  jigeum token mint <symbol> <tokens> --reason <text>
  jigeum token burn <symbol> <tokens> --reason <text>
  jigeum token pause <symbol> --reason <text>
  jigeum token unpause <symbol> --reason <text>
  jigeum token show <symbol>

Amounts are whole tokens with an optional fraction, for example 1000 or 0.5. A new supply goes to the reserve.
Options: --data <folder> of a running "npm start", or --url and --token-file; --key <uuid> to repeat a request safely.`;

const FINAL_WITHIN_MS = 60_000;
const POLL_MS = 250;

export async function tokenCommand(argv: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      ...operatorOptions,
      name: { type: 'string' },
      supply: { type: 'string' },
      decimals: { type: 'string', default: '18' },
      'won-per-token': { type: 'string' },
      reason: { type: 'string' },
      key: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const [verb, symbol, tokens] = positionals;
  if (values.help || verb === undefined) {
    console.log(USAGE);
    return;
  }
  if (symbol === undefined) throw new Refusal(USAGE);
  const api = operatorClient(readCliConfig().rootDir, values);
  const idempotencyKey = values.key ?? newKey();
  const params = { symbol };
  const need = (value: string | undefined, name: string): string => {
    if (value === undefined) throw new Refusal(`Expected ${name}.\n\n${USAGE}`);
    return value;
  };
  try {
    switch (verb) {
      case 'show':
        print(await api.call('operatorShowToken', { params }));
        return;
      case 'create': {
        const decimals = Number.parseInt(values.decimals, 10);
        const supply = parseAmount(need(values.supply, '--supply'), decimals);
        const body = {
          name: need(values.name, '--name'),
          symbol,
          supply,
          decimals,
          wonPerToken: values['won-per-token'] ?? null,
        };
        return await finish(api, idempotencyKey, await api.call('operatorCreateToken', { idempotencyKey, body }));
      }
      case 'mint':
      case 'burn': {
        const { decimals } = await api.call('operatorShowToken', { params });
        const body = {
          amount: parseAmount(need(tokens, 'an amount'), decimals),
          reason: need(values.reason, '--reason'),
        };
        const route = verb === 'mint' ? 'operatorMint' : 'operatorBurn';
        return await finish(api, idempotencyKey, await api.call(route, { idempotencyKey, params, body }));
      }
      case 'pause':
      case 'unpause': {
        const body = { reason: need(values.reason, '--reason') };
        const route = verb === 'pause' ? 'operatorPause' : 'operatorUnpause';
        return await finish(api, idempotencyKey, await api.call(route, { idempotencyKey, params, body }));
      }
      default:
        throw new Refusal(`There is no "token ${verb}".\n\n${USAGE}`);
    }
  } catch (error) {
    if (error instanceof ApiProblem)
      throw new Refusal(`Refused: ${error.problem.detail ?? error.problem.title} (${error.problem.code})`);
    if (error instanceof ApiUnknown) {
      throw new Refusal(
        `No answer came, so it is not known whether it was accepted. Ask again with: --key ${idempotencyKey}`,
      );
    }
    throw error;
  }
}

/** Waits until the operation is final. */
async function finish(api: ApiClient, key: string, accepted: TokenOperationView): Promise<void> {
  console.log(`${accepted.kind} accepted (request ${key}); waiting for the chain …`);
  const deadline = systemClock.monotonicMs() + FINAL_WITHIN_MS;
  let operation = accepted;
  while (operation.state !== 'final' && operation.state !== 'returned') {
    if (systemClock.monotonicMs() > deadline) {
      throw new Refusal(
        `It is not final after ${FINAL_WITHIN_MS / 1000} s and goes on by itself. Look again with: token show ${operation.token.symbol}`,
      );
    }
    await new Promise((resume) => setTimeout(resume, POLL_MS));
    operation = await api.call('operatorGetTokenOperation', { params: { operationId: operation.operationId } });
  }
  if (operation.state === 'returned')
    throw new Refusal(
      `The chain refused to ${operation.kind}; nothing has changed. Transaction ${operation.transactionHash}.`,
    );
  console.log(`final: ${operation.transactionHash}`);
  print(operation.token);
}

function print(token: OperatorTokenView): void {
  console.log(
    [
      `symbol    ${token.symbol}`,
      `name      ${token.name}`,
      `state     ${token.state}`,
      `supply    ${formatAmount(token.supply, token.decimals, { grouping: true })} ${token.symbol}`,
      `contract  ${token.contract ?? 'not yet'}`,
      `creator   ${token.creator ?? 'not yet'}`,
      `owner     ${token.owner ?? 'not yet'}`,
    ].join('\n'),
  );
}
