/** Citizens and blocks. Bodies that the vectors leave out are in `symverse-samples.json`. */
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { fromHex0x, toHex0x } from '@jigeum/std';
import {
  CITIZEN_FIELDS,
  CITIZEN_STATE_FIELDS,
  citizenHash,
  citizenHeaderHash,
  citizenSigningPayload,
  decodeBlockExtra,
  decodeCitizen,
  decodeCitizenBlock,
  decodeCitizenState,
  decodeReward,
  decodeRlp,
  encodeBlockExtra,
  encodeCitizen,
  encodeCitizenBlock,
  encodeCitizenState,
  encodeReward,
  encodeRlp,
  indexTrieRoot,
  keyHash,
  nobleCrypto,
  parseSymId,
  recoverCitizenSigner,
  REWARD_FIELDS,
  rewardHash,
  sha3_256,
  signCitizen,
  WARRANT_FIELDS,
  type Citizen,
  type CitizenBlock,
  type RlpItem,
} from '@jigeum/symverse';
import { nativeCrypto } from '@jigeum/symverse/native';
import { onlyFields, readVectors, type Entry, type Hex, type Section } from './section.ts';

const nothing = new Uint8Array(0);
const namesOf = (table: readonly (readonly [string, unknown])[]): string[] => table.map(([name]) => name);

function citizenOf(json: Readonly<Record<string, Hex>>): Citizen {
  const names = namesOf(CITIZEN_FIELDS).filter((name) => name !== 'extra');
  expect(Object.keys(json).toSorted()).toEqual(names.toSorted());
  const symIds = new Set(['from', 'to', 'symId']);
  const fields = names.map((name): [string, unknown] => {
    if (symIds.has(name)) return [name, parseSymId(json[name]!)];
    if (name === 'aKeyPubH') return [name, fromHex0x(json[name]!)];
    return [name, name === 'v' ? Number.parseInt(json[name]!.slice(2), 16) : BigInt(json[name]!)];
  });
  return { ...Object.fromEntries(fields), extra: nothing } as unknown as Citizen;
}

interface Citizens {
  readonly field_order: readonly string[];
  readonly own_16_field: Readonly<Record<'private_key' | 'raw' | 'signing_rlp' | 'signing_hash' | 'hash', Hex>> & {
    readonly chainId: number;
  };
  readonly doc_json_hashes: readonly { readonly citizen: Readonly<Record<string, Hex>>; readonly hash: Hex }[];
  readonly state_rlp: { readonly raw: Hex; readonly order: readonly string[] };
  readonly symjs_15_field: { readonly warning: string };
}

export const citizens: Section<Citizens> = (section) => {
  onlyFields(section, 'field_order', 'own_16_field', 'doc_json_hashes', 'state_rlp', 'symjs_15_field');
  const own = section.own_16_field;
  return [
    {
      name: 'field_order',
      run: () => expect(namesOf(CITIZEN_FIELDS)).toEqual(section.field_order),
    },
    {
      name: 'own_16_field',
      run() {
        onlyFields(own, 'private_key', 'chainId', 'raw', 'signing_rlp', 'signing_hash', 'hash');
        const chainId = BigInt(own.chainId);
        const key = fromHex0x(own.private_key);
        const decoded = decodeCitizen(fromHex0x(own.raw));
        expect(toHex0x(encodeCitizen(decoded))).toBe(own.raw);
        expect(toHex0x(citizenHash(fromHex0x(own.raw)))).toBe(own.hash);
        const { v: _v, r: _r, s: _s, ...unsigned } = decoded;
        const payload = citizenSigningPayload(unsigned, chainId);
        expect(toHex0x(payload)).toBe(own.signing_rlp);
        expect(toHex0x(sha3_256(payload))).toBe(own.signing_hash);
        for (const crypto of [nobleCrypto, nativeCrypto]) {
          expect(toHex0x(signCitizen(unsigned, chainId, key, crypto).raw)).toBe(own.raw);
          expect(recoverCitizenSigner(decoded, chainId, crypto)).toEqual(keyHash(crypto.publicKey(key)));
        }
      },
    },
    ...section.doc_json_hashes.map((entry) => ({
      name: `doc_json_hashes ${entry.hash}`,
      run() {
        onlyFields(entry, 'citizen', 'hash');
        const citizen = citizenOf(entry.citizen);
        const raw = encodeCitizen(citizen);
        expect(toHex0x(citizenHash(raw))).toBe(entry.hash);
        expect(decodeCitizen(raw)).toEqual(citizen);
      },
    })),
    {
      name: 'state_rlp',
      run() {
        onlyFields(section.state_rlp, 'raw', 'order');
        expect(namesOf(CITIZEN_STATE_FIELDS)).toEqual(section.state_rlp.order);
        const state = decodeCitizenState(fromHex0x(section.state_rlp.raw));
        expect(toHex0x(encodeCitizenState(state))).toBe(section.state_rlp.raw);
      },
    },
    {
      name: 'symjs_15_field holds no bytes; what it warns of is refused',
      run() {
        onlyFields(section.symjs_15_field);
        const items = [...(decodeRlp(fromHex0x(own.raw)) as readonly RlpItem[])];
        items.splice(namesOf(CITIZEN_FIELDS).indexOf('extra'), 1);
        expect(() => decodeCitizen(encodeRlp(items))).toThrow('Expected a citizen of 16 fields, got 15.');
      },
    },
  ];
};

interface Blocks {
  readonly trie: string;
  readonly citizen_block: Readonly<Record<string, Hex>> & { readonly header_order: readonly string[] };
  readonly oracle_block: Readonly<Record<'hash' | 'oraclesRoot' | 'size', Hex>> & {
    readonly header_order: readonly string[];
  };
  readonly reward_hash: Readonly<Record<'symId' | 'extra' | 'hash', Hex>> & {
    readonly rlp: readonly string[];
    readonly value: string;
    readonly type: number;
  };
  readonly warrant_hash: { readonly rlp: readonly string[] };
  readonly main_block: {
    readonly rlp: string;
    readonly size_checks: readonly { readonly block: Hex; readonly size: Hex }[];
    readonly extraData: readonly { readonly hex: Hex; readonly means: string }[];
  };
}

const samples = (): Readonly<Record<string, unknown>> =>
  JSON.parse(readFileSync(new URL('../../vectors/symverse-samples.json', import.meta.url), 'utf8')) as Entry;

export const block_structures: Section<Blocks> = (section) => {
  onlyFields(section, 'trie', 'citizen_block', 'oracle_block', 'reward_hash', 'warrant_hash', 'main_block');
  const { citizen_block: printed, oracle_block: oracle, reward_hash: rewarded, main_block: main } = section;
  return [
    {
      name: 'trie: the root of one item is the hash of one leaf',
      run() {
        expect(section.trie).toContain('SHA3-256(RLP([0x2080, item]))');
        const item = Uint8Array.of(1, 2, 3);
        expect(indexTrieRoot([item])).toEqual(sha3_256(encodeRlp([Uint8Array.of(0x20, 0x80), item])));
      },
    },
    {
      name: 'citizen_block',
      run() {
        onlyFields(
          printed,
          'header_order',
          'parentHash',
          'stateRoot',
          'relatedMbNum',
          'citizensRoot',
          'number',
          'extra',
          'citizens',
          'hash',
          'size',
        );
        const { citizens: all } = readVectors() as unknown as { citizens: Citizens };
        expect(printed['citizens']).toBe('the first citizen of doc_json_hashes');
        const block: CitizenBlock = {
          header: {
            parentHash: fromHex0x(printed['parentHash']!),
            stateRoot: fromHex0x(printed['stateRoot']!),
            relatedMbNum: BigInt(printed['relatedMbNum']!),
            citizensRoot: fromHex0x(printed['citizensRoot']!),
            number: BigInt(printed['number']!),
            extra: fromHex0x(printed['extra']!),
          },
          citizens: [citizenOf(all.doc_json_hashes[0]!.citizen)],
        };
        expect(Object.keys(block.header)).toEqual(printed.header_order);
        expect(toHex0x(indexTrieRoot(block.citizens.map(encodeCitizen)))).toBe(printed['citizensRoot']);
        expect(toHex0x(citizenHeaderHash(block.header))).toBe(printed['hash']);
        const raw = encodeCitizenBlock(block);
        expect(`0x${raw.length.toString(16)}`).toBe(printed['size']);
        expect(decodeCitizenBlock(raw)).toEqual(block);
      },
    },
    {
      name: 'oracle_block is the one whose body is among the samples, where it is run',
      run() {
        onlyFields(oracle, 'header_order', 'hash', 'oraclesRoot', 'size');
        const { header_order: _order, ...figures } = oracle;
        const { origin: _origin, ...expected } = figures as typeof figures & { readonly origin: string };
        expect(samples()['oracle_block']).toMatchObject(expected);
      },
    },
    {
      name: 'reward_hash',
      run() {
        onlyFields(rewarded, 'rlp', 'symId', 'value', 'type', 'extra', 'hash');
        const reward = {
          symId: parseSymId(rewarded.symId),
          value: BigInt(rewarded.value),
          type: BigInt(rewarded.type),
          extra: fromHex0x(rewarded.extra),
        };
        expect(namesOf(REWARD_FIELDS)).toEqual(rewarded.rlp);
        expect(toHex0x(rewardHash(reward))).toBe(rewarded.hash);
        expect(decodeReward(encodeReward(reward))).toEqual(reward);
      },
    },
    {
      name: 'warrant_hash: the order of fields; the four records are among the samples, where they are run',
      run() {
        onlyFields(section.warrant_hash, 'rlp');
        expect(namesOf(WARRANT_FIELDS)).toEqual(section.warrant_hash.rlp.map((name) => name.replace(/\(\d+\)$/, '')));
        expect((samples()['warrants'] as unknown[]).length).toBe(4);
      },
    },
    {
      name: 'main_block: sizes, of blocks whose bodies are among the samples, where they are run',
      run() {
        onlyFields(main, 'rlp', 'size_checks', 'extraData');
        expect(main.rlp).toContain('[header(23 fields), transactions, rewards, validatorInfos');
        const bodies = samples()['main_blocks'] as readonly { readonly hash: Hex; readonly size: Hex }[];
        for (const { block, size } of main.size_checks)
          expect(bodies.find(({ hash }) => hash === block)).toMatchObject({ size });
      },
    },
    ...main.extraData.map((entry) => ({
      name: `main_block: extraData ${entry.means}`,
      run() {
        onlyFields(entry, 'hex', 'means');
        const maker = decodeBlockExtra(fromHex0x(entry.hex))!;
        const { version, program, runtime, os } = maker;
        expect(`[${version.join('.')}, "${program}", "${runtime}", "${os}"]`).toBe(entry.means);
        expect(toHex0x(encodeBlockExtra(maker))).toBe(entry.hex);
      },
    })),
  ];
};
