/**
 * Every entry of `vectors/symverse.json`, in both directions. A section, an entry or a field of one that no check claims fails:
 * nothing is skipped silently. What cannot be run stands in `NOT_RUN`, and nowhere else.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { gas, sct_inputs, sct_inputs_other } from './calls.ts';
import { checksum_case, contract_addresses, hash, keys } from './keys.ts';
import { block_structures, citizens } from './records.ts';
import { rpc_client_requests } from './requests.ts';
import { readVectors, type Json, type Section } from './section.ts';
import { doc_raw_hash_pairs, php_raws, real_transactions, sym_tools_signing, transactions } from './transactions.ts';

/** What the file says and no test can show, each with the reason. */
const NOT_RUN = [
  ['meta', 'speaks of the file'],
  ['block_structures.main_block.size_checks[].block', 'the preimage of the block hash is not published'],
  ['gas.real_receipts[1]', 'charged at prices that ended with block 4,745,000'],
  ['citizens.symjs_15_field', 'holds a warning and no bytes; such a record is refused'],
  ['rpc_client_requests.clients.*[absent or throwing]', 'nothing was sent'],
] as const;

/** The keystores are opened and written by the tests of packages/keystore, from a copy in vectors/keystore. */
const keystores: Section<readonly { readonly name: string }[]> = (entries) => {
  const path = new URL('../../vectors/keystore/symverse-keystores.json', import.meta.url);
  const copy = JSON.parse(readFileSync(path, 'utf8')) as { readonly keystores: readonly unknown[] };
  return entries.map((entry) => ({
    name: `${entry.name} is among those that packages/keystore opens`,
    run: () => expect(copy.keystores).toContainEqual(entry),
  }));
};

const SECTIONS: Readonly<Record<string, Section<never>>> = {
  hash,
  keys,
  checksum_case,
  keystores,
  transactions,
  real_transactions,
  doc_raw_hash_pairs,
  sym_tools_signing,
  php_raws,
  sct_inputs,
  sct_inputs_other,
  gas,
  contract_addresses,
  citizens,
  block_structures,
  rpc_client_requests,
};

const vectors = readVectors();

test('every section of the file is claimed, and no other', () => {
  expect(Object.keys(vectors).filter((name) => name !== 'meta')).toEqual(Object.keys(SECTIONS));
});

test('an entry or a field that nobody claims fails', () => {
  const [entry] = vectors['sct_inputs'] as [{ [name: string]: Json }];
  const [check] = sct_inputs([{ ...entry, added: 1 }] as never);
  expect(() => check!.run()).toThrow('fields that no check claims');
  expect(() => sct_inputs_other([{ what: 'SCT99', input: '0x' }])[0]!.run()).toThrow(TypeError);
});

test('the documents list what is not run, and why', () => {
  const readme = readFileSync(new URL('../../vectors/README.md', import.meta.url), 'utf8');
  for (const [place, reason] of NOT_RUN) expect(readme).toContain(`\`${place}\`: ${reason}.`);
});

describe.each(Object.keys(SECTIONS))('%s', (name) => {
  const checks = SECTIONS[name]!(vectors[name] as never);
  const { length } = Array.isArray(vectors[name]) ? vectors[name] : [];

  test('has a check for each entry', () => {
    expect(checks.length).toBeGreaterThanOrEqual(Math.max(1, length));
  });

  test.each(checks)('$name', ({ run }) => run());
});
