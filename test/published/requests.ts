/** What the published clients were seen to send: our client sends the same, and our node takes it. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'vitest';
import {
  createRpcClient,
  decodeRpcParams,
  httpTransport,
  isRpcMethod,
  RPC_CODE,
  RpcResponseError,
  type RpcArguments,
  type RpcMethod,
} from '@jigeum/symverse/rpc';
import { createWorld, type TestWorld } from '@jigeum/worknode/testing';
import { onlyFields, type Check, type Section } from './section.ts';

interface Captured {
  readonly client_call: string;
  readonly request?: { readonly method: string; readonly params: readonly unknown[] } | null;
  readonly idType?: string;
  readonly error?: string;
  readonly absent?: boolean;
}

interface Requests {
  readonly http: { readonly method: string; readonly url: string; readonly 'content-type': string };
  readonly error_behaviour: Readonly<Record<string, string>>;
  readonly clients: Readonly<Record<string, readonly Captured[]>>;
}

/** Methods that need a key in the node: it answers that it does not serve them unless its operator allows it. */
const NEEDS_KEYS = new Set(['sym_sign', 'sym_setDeposit', 'sym_restoreDeposit']);

export const rpc_client_requests: Section<Requests> = (section) => {
  onlyFields(section, 'http', 'error_behaviour', 'clients');
  let world: TestWorld | undefined;
  const node = (): TestWorld => (world ??= createWorld());
  const captured = Object.entries(section.clients).flatMap(([client, calls]) =>
    calls.map((call) => ({ client, ...call })),
  );
  const sent = captured.filter(({ request }) => request);
  return [
    { name: 'http: our client posts as they do', run: () => postsAs(section.http) },
    ...Object.entries(section.error_behaviour).map(([how, text]) => ({
      name: `error_behaviour of ${how}`,
      run: () => readsError(JSON.parse(text)),
    })),
    ...captured.map((entry): Check => {
      const { client, client_call: call, request } = entry;
      if (request) return { name: `${client} ${call}`, run: () => isServed(node(), entry, request) };
      return {
        name: `${client} ${call}: nothing is sent`,
        run() {
          onlyFields(entry, 'client', 'client_call', 'request', 'error', 'absent');
          // Either the client has no such call, or it throws before it sends: another client shows what it would be.
          if (entry.absent) expect(request).toBeUndefined();
          else expect(entry.error).toBe('rpc is not a function');
          const elsewhere = sent.filter((other) => other.client_call === call);
          expect(elsewhere.length > 0 || NEVER_SENT.has(call)).toBe(true);
        },
      };
    }),
  ];
};

/** Calls that no captured client sends. */
const NEVER_SENT = new Set([
  'setDeposit',
  'restoreDeposit',
  'network.call.oracle.sendOracleJSON',
  'network.call.oracle.sendOracleJSON("0x00020000000000010002", "{}")',
]);

async function isServed(
  world: TestWorld,
  entry: Captured & { readonly client: string },
  { method, params }: NonNullable<Captured['request']>,
): Promise<void> {
  onlyFields(entry, 'client', 'client_call', 'request', 'idType');
  if (!isRpcMethod(method)) throw new Error(`Expected ${method} in the schema.`);
  const body = await ourBody(method, params);
  expect(body).toMatchObject({ jsonrpc: '2.0', method });
  expect((body['params'] as unknown[]).slice(0, params.length)).toEqual(params);
  expect(typeof body['id']).toBe(entry.idType);

  const text = await world.answer(new TextEncoder().encode(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })));
  const { error } = JSON.parse(text!) as { error?: { code: number; message: string } };
  if (NEEDS_KEYS.has(method)) {
    expect(error?.code).toBe(RPC_CODE.methodNotFound);
    return;
  }
  // A transaction of another chain is refused, and so are the bytes 0xf800: as transactions, not as calls.
  const isRefused = method === 'sym_sendRawTransaction';
  expect(error?.code).toBe(isRefused ? RPC_CODE.serverError : undefined);
}

/** What our client sends for these parameters. */
async function ourBody(method: RpcMethod, params: readonly unknown[]): Promise<Readonly<Record<string, unknown>>> {
  const bodies: string[] = [];
  const client = createRpcClient({
    transport: {
      post(body) {
        bodies.push(body);
        return Promise.resolve({ status: 200, text: '' });
      },
    },
  });
  const args = decodeRpcParams(method, params) as RpcArguments<RpcMethod>;
  await expect(client.call(method, ...(args as never))).rejects.toThrow();
  return JSON.parse(bodies[0]!) as Record<string, unknown>;
}

async function postsAs(http: Requests['http']): Promise<void> {
  onlyFields(http, 'method', 'url', 'content-type');
  const seen: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    seen.push(request);
    response.end('{"jsonrpc":"2.0","id":1,"result":"2"}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const client = createRpcClient({ transport: httpTransport(`http://127.0.0.1:${port}`) });
    expect(await client.call('net_version')).toBe('2');
    const [request] = seen;
    expect([request!.method, request!.url]).toEqual([http.method, http.url]);
    expect(request!.headers['content-type']).toBe(http['content-type']);
  } finally {
    await new Promise<void>((resolve, reject) => server.close((error) => (error ? reject(error) : resolve())));
  }
}

/** They hand an error through untouched; ours keeps its code and text, and finds the reason. */
async function readsError(seen: unknown): Promise<void> {
  const { message: inner } = seen as { readonly message: unknown };
  const error = (typeof inner === 'object' ? inner : seen) as { readonly code: number; readonly message: string };
  expect(Object.keys(error)).toEqual(['code', 'message']);
  const client = createRpcClient({
    transport: { post: () => Promise.resolve({ status: 200, text: JSON.stringify({ jsonrpc: '2.0', id: 1, error }) }) },
  });
  const cause: unknown = await client
    .call('sym_sendRawTransaction', new Uint8Array(2))
    .catch((thrown: unknown) => thrown);
  expect(cause).toBeInstanceOf(RpcResponseError);
  expect(cause).toMatchObject({ code: error.code, nodeMessage: error.message, reason: 'nonce-too-low' });
}
