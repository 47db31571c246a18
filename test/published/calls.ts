/** Inputs of contract calls, and gas. */
import { expect } from 'vitest';
import { fromHex0x, toHex0x } from '@jigeum/std';
import {
  baseGas,
  dataGas,
  decodeRlp,
  decodeSct20,
  decodeSct21,
  decodeSct22,
  decodeSct30,
  decodeSct40,
  decodeSctCall,
  encodeSct20,
  encodeSct21,
  encodeSct22,
  encodeSct30,
  encodeSct40,
  encodeSctCall,
  estimateGas,
  GAS_BASE_CALL,
  GAS_PER_NONZERO_BYTE,
  isRlpList,
  parseSymId,
  readSct50,
  SCT20_METHODS,
  SCT21_METHODS,
  SCT30_ITEM_FIELDS,
  SCT30_METHODS,
  SCT40_METHODS,
  sctGas,
  symIdToBytes,
  type RlpItem,
} from '@jigeum/symverse';
import { onlyFields, type Hex, type Section } from './section.ts';

const shown = (item: RlpItem): unknown => (isRlpList(item) ? item.map(shown) : toHex0x(item));
const someContract = parseSymId('0xff89fc8f8050e05fff64');

interface Method {
  readonly method: string;
  readonly params?: readonly (readonly [string, unknown])[];
}
type Call = Readonly<Record<string, unknown>>;
/** The templates that the vectors have, as one shape. */
const TEMPLATES: Readonly<
  Record<number, { methods: readonly Method[]; encode(call: never): Uint8Array; decode(input: Uint8Array): Call }>
> = {
  20: { methods: SCT20_METHODS, encode: encodeSct20, decode: decodeSct20 },
  21: { methods: SCT21_METHODS, encode: encodeSct21, decode: decodeSct21 },
  30: { methods: SCT30_METHODS, encode: encodeSct30, decode: decodeSct30 },
  40: { methods: SCT40_METHODS, encode: encodeSct40, decode: decodeSct40 },
};

const TEXTS = new Set(['name', 'symbol', 'type', 'category', 'property', 'description']);
const SYMIDS = new Set(['to', 'from', 'owner']);

/** What the caller of symjs meant by an argument; a decimal text is what symjs makes of it: its ASCII bytes. */
function meantArgument(field: string, arg: unknown): unknown {
  if (TEXTS.has(field)) return arg;
  if (SYMIDS.has(field)) return parseSymId(arg as string);
  if (typeof arg === 'string' && !arg.startsWith('0x')) return BigInt(`0x${Buffer.from(arg).toString('hex')}`);
  return BigInt(arg as string | number);
}

/** The call that the caller of symjs meant, by the client's name of it and the arguments. */
function meant(type: number, clientCall: string, args: readonly unknown[]): Call {
  const spoken = clientCall.slice(clientCall.lastIndexOf('.') + 1).toLowerCase();
  const row = TEMPLATES[type]!.methods.find(({ method }) => method.toLowerCase() === spoken)!;
  if (row.params === undefined) {
    const items = (args[0] as readonly (readonly unknown[])[]).map((item) =>
      Object.fromEntries(SCT30_ITEM_FIELDS.map(([field], index) => [field, meantArgument(field, item[index])])),
    );
    return { method: row.method, items };
  }
  const params = row.params.map(([field], index) => [field, meantArgument(field, args[index])]);
  return { method: row.method, ...Object.fromEntries(params) };
}

/** Inputs of symjs that are read, and written otherwise, with what is written. */
const WRITTEN_OTHERWISE: Readonly<Record<Hex, Hex>> = {
  // An amount of zero is the byte 0x00 in symjs, against its own rule for integers.
  '0xcf1401cc8a0002000000000006000200': '0xcf1401cc8a0002000000000006000280',
  // The builder has method 9 for transferOwner; its own gas table and the documents have 7.
  '0xce1e09cb8a00020000000000040002': '0xce1e07cb8a00020000000000040002',
};

export const sct_inputs: Section<
  readonly {
    call: string;
    args: readonly unknown[];
    type: number;
    method: number;
    input: Hex;
    decoded: unknown;
    gas_sctGas: number;
    gas_estimate_create?: number;
    gas_estimate_call?: number;
    bytes: number;
    zero_bytes: number;
  }[]
> = (entries) =>
  entries.map((entry) => ({
    name: `${entry.call} ${JSON.stringify(entry.args)}`,
    run() {
      onlyFields(
        entry,
        'call',
        'args',
        'type',
        'method',
        'input',
        'decoded',
        'gas_sctGas',
        'gas_estimate_create',
        'gas_estimate_call',
        'bytes',
        'zero_bytes',
      );
      const input = fromHex0x(entry.input);
      const template = TEMPLATES[entry.type]!;
      const call = meant(entry.type, entry.call, entry.args);
      expect(template.decode(input)).toEqual(call);
      expect(toHex0x(template.encode(call as never))).toBe(WRITTEN_OTHERWISE[entry.input] ?? entry.input);
      expect(shown(decodeRlp(input))).toEqual(entry.decoded);
      const plain = decodeSctCall(input);
      expect([plain.type, plain.method]).toEqual([entry.type, entry.method]);
      expect(toHex0x(encodeSctCall(plain))).toBe(entry.input);

      expect(input.length).toBe(entry.bytes);
      expect(input.filter((byte) => byte === 0).length).toBe(entry.zero_bytes);
      expect(sctGas(plain)).toBe(BigInt(entry.gas_sctGas));
      const isCreation = entry.gas_estimate_create !== undefined;
      expect(isCreation).toBe(entry.gas_estimate_call === undefined);
      const estimate = estimateGas({ to: isCreation ? null : someContract, input, type: 1 });
      expect(estimate).toBe(BigInt(entry.gas_estimate_create ?? entry.gas_estimate_call!));
    },
  }));

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const symjsTools = parseSymId('0x00032dd1fa260e2a0002');
/** What the entries say in words: the bytes that we write, and the call that we read. */
const OTHERS: Readonly<Record<string, { write(): Uint8Array; read(input: Uint8Array): object; call: object }>> = {
  'SCT30 transferOwner': other(decodeSct30, encodeSct30, {
    method: 'transferOwner',
    to: parseSymId('0x00020000000000040002'),
  }),
  'SCT21 transfer 100000000000': other(decodeSct21, encodeSct21, {
    method: 'transfer',
    to: parseSymId('0x00032dd1fa260e2a0002'),
    amount: 100_000_000_000n,
  }),
  'SCT22 transfer 100000000000 (type byte 0x16)': other(decodeSct22, encodeSct22, {
    method: 'transfer',
    to: symjsTools,
    amount: 100_000_000_000n,
  }),
  'SCT40 create with cpoint 10': other(decodeSct40, encodeSct40, {
    method: 'create',
    name: 'SymContract',
    symbol: 'SCN',
    cpoint: 10n,
    owner: parseSymId('0x00020000000000050002'),
  }),
  'SCT22 mint, documented numbering (3)': other(decodeSct22, encodeSct22, {
    method: 'mint',
    to: parseSymId('0x00000000000000000002'),
    amount: 500n,
  }),
  // SCT50 is read for display; it is written by its parts.
  'SCT50 create': {
    call: {
      method: 'create',
      party: 'SymParty',
      token: parseSymId('0x7ceb501abaeaef5ff714'),
      owner: parseSymId('0x00020000000000020002'),
    },
    read: (input) => readSct50(decodeSctCall(input)),
    write: () =>
      encodeSctCall({
        type: 50,
        method: 0,
        params: [
          utf8('SymParty'),
          symIdToBytes(parseSymId('0x7ceb501abaeaef5ff714')),
          symIdToBytes(parseSymId('0x00020000000000020002')),
        ],
      }),
  },
};

function other<T extends object>(read: (input: Uint8Array) => T, write: (call: T) => Uint8Array, call: T) {
  return { read, write: () => write(call), call };
}

export const sct_inputs_other: Section<
  readonly { what: string; input: Hex; args?: readonly string[]; gasLimit_by_sym_tools?: Hex }[]
> = (entries) =>
  entries.map((entry) => ({
    name: entry.what,
    run() {
      onlyFields(entry, 'input', 'args', 'gasLimit_by_sym_tools');
      const { read, write, call } = OTHERS[entry.what]!;
      const input = fromHex0x(entry.input);
      expect(read(input)).toEqual(call);
      expect(toHex0x(write())).toBe(entry.input);
      if (entry.args !== undefined) expect(Object.values(call).slice(1)).toEqual(entry.args);
      if (entry.gasLimit_by_sym_tools === undefined) return;
      // sym-tools charges every byte as if it were not zero: an upper bound of what we estimate.
      const bound = GAS_BASE_CALL + GAS_PER_NONZERO_BYTE * BigInt(input.length) + sctGas(decodeSctCall(input));
      expect(bound).toBe(BigInt(entry.gasLimit_by_sym_tools));
      expect(estimateGas({ to: someContract, input, type: 1 })).toBeLessThan(bound);
    },
  }));

interface Gas {
  readonly rule: string;
  readonly article_totals_without_data: Readonly<
    Record<string, readonly [base: number, operation: number, total: number]>
  >;
  readonly worked: readonly {
    call: string;
    input: Hex;
    zero: number;
    nonzero: number;
    sctGas: number;
    total: number;
  }[];
  readonly real_receipts: readonly { what: string; gasUsed: Hex; decimal?: number }[];
}

export const gas: Section<Gas> = (section) => {
  onlyFields(section, 'article_totals_without_data', 'worked', 'real_receipts');
  return [
    ...Object.entries(section.article_totals_without_data).map(([name, [base, operation, total]]) => ({
      name: `the article’s ${name}`,
      run() {
        const spoken = name.replace('SCT20_', '').replaceAll('_', '').toLowerCase();
        const method = SCT20_METHODS.findIndex((row) => row.method.toLowerCase() === spoken);
        expect(baseGas(method === 0 ? null : someContract)).toBe(BigInt(base));
        expect(SCT20_METHODS[method]!.gas).toBe(BigInt(operation));
        expect(base + operation).toBe(total);
      },
    })),
    ...section.worked.map((entry) => ({
      name: `${entry.call} ${entry.input}`,
      run() {
        onlyFields(entry, 'call', 'input', 'zero', 'nonzero', 'sctGas', 'total');
        const input = fromHex0x(entry.input);
        const zeros = input.filter((byte) => byte === 0).length;
        expect([zeros, input.length - zeros]).toEqual([entry.zero, entry.nonzero]);
        expect(dataGas(input)).toBe(BigInt(680 * entry.nonzero + 40 * entry.zero));
        expect(sctGas(decodeSctCall(input))).toBe(BigInt(entry.sctGas));
        const to = entry.call.endsWith('.create') ? null : someContract;
        expect(estimateGas({ to, input, type: 1 })).toBe(BigInt(entry.total));
      },
    })),
    ...section.real_receipts.map((entry) => ({
      name: entry.what,
      run() {
        onlyFields(entry, 'gasUsed', 'decimal');
        if (entry.decimal === undefined) {
          const plain = { to: someContract, input: new Uint8Array(0), type: 0 };
          expect(estimateGas(plain)).toBe(BigInt(entry.gasUsed));
          return;
        }
        // Charged at prices that ended with block 4,745,000 and are in no code of ours: 21,000, and 68 or 4 a byte.
        expect(BigInt(entry.gasUsed)).toBe(BigInt(entry.decimal));
      },
    })),
  ];
};
