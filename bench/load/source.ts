/** Where the load generator's requests come from, and what is wrong with an answer. */
import { closeSync, openSync, readSync } from 'node:fs';
import { randomIds, systemClock } from '@jigeum/std';
import { postBytes } from '../http/connection.ts';
import type { HttpAnswer } from '../http/answer.ts';
import { readSlots, SLOT_BYTES } from '../transfers/slots.ts';
import type { LoadTarget, SignedTarget } from './generator.ts';

export interface RequestSource {
  /** The bytes of a connection's next request; undefined when it has none left. */
  next(connection: number): Uint8Array | undefined;
  /** What is wrong with an answer, if anything is. */
  problemOf(answer: HttpAnswer): string | undefined;
  close(): void;
}

export function openSource(target: LoadTarget | SignedTarget): RequestSource {
  return target.kind === 'same' ? sameRequests(target) : signedTransactions(target);
}

function sameRequests(target: LoadTarget): RequestSource {
  const { origin, requests, freshKeyHeader, expectedStatus, expectedBody } = target;
  const expected = expectedBody === undefined ? undefined : Buffer.from(expectedBody);
  const bytes = requests.map(({ path, headers, body }) => postBytes(origin, path, headers, body));
  let taken = 0;
  return {
    next(connection) {
      if (target.isOnce === true && taken === requests.length) return undefined;
      const index = (target.isInTurn === true || target.isOnce === true ? taken : connection) % requests.length;
      taken++;
      if (freshKeyHeader === undefined) return bytes[index];
      const { path, headers, body } = requests[index]!;
      return postBytes(origin, path, { ...headers, [freshKeyHeader]: randomIds.uuid(systemClock.nowMs()) }, body);
    },
    problemOf({ status, body }) {
      const isGood = status === expectedStatus && (expected === undefined || body.equals(expected));
      if (isGood) return undefined;
      const wanted = expectedBody === undefined ? '' : ` with ${expectedBody}`;
      return `expected status ${expectedStatus}${wanted}, got ${status}: ${startOf(body)}`;
    },
    close: () => undefined,
  };
}

const HEADERS = { 'content-type': 'application/json' };

function signedTransactions(target: SignedTarget): RequestSource {
  const { origin, path, method, batch, slotsPerList } = target;
  const file = openSync(target.file, 'r');
  const sent = [...target.sentBefore];
  const call = (hex: string, id: number): string =>
    `{"jsonrpc":"2.0","id":${id},"method":"${method}","params":["0x${hex}"]}`;
  return {
    next(connection) {
      const first = sent[connection]!;
      const count = Math.min(batch, slotsPerList - first);
      if (count <= 0) return undefined;
      const bytes = Buffer.allocUnsafe(count * SLOT_BYTES);
      readSync(file, bytes, 0, bytes.length, (connection * slotsPerList + first) * SLOT_BYTES);
      sent[connection] = first + count;
      const calls = readSlots(bytes).map((hex, index) => call(hex, index + 1));
      const body = batch === 1 ? calls[0]! : `[${calls.join(',')}]`;
      return postBytes(origin, path, HEADERS, Buffer.from(body, 'latin1'));
    },
    problemOf({ status, body }) {
      if (status === 200 && !body.includes('"error"') && body.includes('"result":"0x')) return undefined;
      return `expected a hash for each transaction, got status ${status}: ${errorIn(body)}`;
    },
    close: () => closeSync(file),
  };
}

/** The part of a long answer that tells what went wrong. */
const errorIn = (body: Buffer): string => startOf(body.subarray(Math.max(0, body.indexOf('"error"'))));

const startOf = (body: Buffer): string => body.subarray(0, 300).toString();
