/**
 * Stands in for the payment server while the screens are worked on: the same routes and schemas over memory, the built
 * app under the same content policy. Not the scanner, which wants a chain. Never shipped. `node dev/mock-server.ts [port]`; deposits arrive by themselves.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import {
  decodeSecretForm,
  errorCodes,
  eventSchema,
  routes,
  type ChargeView,
  type ErrorCode,
  type EventView,
  type MeView,
  type PersonView,
  type RouteName,
  type ScanWholeTransactionView,
  type TokenView,
  type TransferView,
} from '@jigeum/api';
import { randomIds, systemClock, toHex0x } from '@jigeum/std';

const DIST = fileURLToPath(new URL('../dist', import.meta.url));
const FINAL_AFTER_MS = 1_100;
const DEPOSIT_AFTER_MS = 4_000;
const WALLET_AFTER_MS = 2_500;
const WON = 10n ** 18n;

const EST: TokenView = { symbol: 'EST', name: 'EVD Stable Token', decimals: 18, wonPerToken: '1', isPaused: false };

interface Member {
  person: PersonView;
  phone: string;
  passphrase: string;
  pin: string;
  receiveCode: string;
  payeeId: string;
  symId: string;
  isReady: boolean;
  isUnlocked: boolean;
  balance: bigint;
  held: bigint;
  incoming: bigint;
  transfers: TransferView[];
  charges: ChargeView[];
  streams: Set<ServerResponse>;
}

class Refusal extends Error {
  readonly code: ErrorCode;
  readonly triesLeft: number | undefined;
  constructor(code: ErrorCode, triesLeft?: number) {
    super(code);
    this.code = code;
    this.triesLeft = triesLeft;
  }
}

const members = new Map<string, Member>();
const sessions = new Map<string, Member>();
const checks = new Map<
  string,
  {
    name: string;
    phone: string;
    state: 'sent' | 'verified';
    triesLeft: number;
    sendsLeft: number;
    startedMs: number;
    sentMs: number;
  }
>();
const now = (): string => new Date(systemClock.nowMs()).toISOString();
const newId = (): string => randomIds.uuid(systemClock.nowMs());
const hex = (bytes: number): string => toHex0x(randomIds.bytes(bytes));
const mask = (name: string): string =>
  [...name].length === 2 ? `${[...name][0]}*` : `${[...name][0]}*${[...name].at(-1)}`;

const contract = '0xff00000000000000002a';
const chain = { head: 4_210, transactions: [] as ScanWholeTransactionView[] };

function addMember(
  memberId: string,
  name: string,
  phone: string,
  passphrase: string,
  pin: string,
  balance: bigint,
): Member {
  const member: Member = {
    person: { memberId, maskedName: mask(name), badge: { isRealNameVerified: true, verifiedSince: '2026-11' } },
    phone,
    passphrase,
    pin,
    receiveCode: newId(),
    payeeId: newId(),
    symId: hex(10),
    isReady: true,
    isUnlocked: true,
    balance: balance * WON,
    held: 0n,
    incoming: 0n,
    transfers: [],
    charges: [],
    streams: new Set(),
  };
  members.set(memberId, member);
  return member;
}

const meOf = (member: Member): MeView => ({
  ...member.person,
  maskedPhone: `010-****-${member.phone.slice(-4)}`,
  receiveCode: member.receiveCode,
  wallet: { state: member.isReady ? 'ready' : 'preparing' },
  session: { isUnlocked: member.isUnlocked, unlockedUntil: new Date(systemClock.nowMs() + 600_000).toISOString() },
  lastLoginAt: null,
  isSimulation: true,
});
const balancesOf = (member: Member) => ({
  balances: [{ token: EST, available: member.balance, held: member.held, incoming: member.incoming }],
  asOfBlock: chain.head,
});

function tell(member: Member, event: EventView): void {
  const text = JSON.stringify(eventSchema.encode(event));
  for (const stream of member.streams) stream.write(`id: ${newId()}\nevent: ${event.kind}\ndata: ${text}\n\n`);
}

function put(member: Member, transfer: TransferView): void {
  const at = member.transfers.findIndex(({ transferId }) => transferId === transfer.transferId);
  if (at >= 0) member.transfers[at] = transfer;
  else member.transfers.unshift(transfer);
  tell(member, { kind: 'transfer', transfer });
  tell(member, { kind: 'balances', balances: balancesOf(member) });
}

function addTransaction(
  from: string,
  to: string,
  amount: bigint,
  state: ScanWholeTransactionView['state'] = 'final',
  ageMs = 0,
): ScanWholeTransactionView {
  const transaction: ScanWholeTransactionView = {
    hash: hex(32),
    blockNumber: ++chain.head,
    position: 0,
    at: new Date(systemClock.nowMs() - ageMs).toISOString(),
    state,
    kind: 'sct',
    from,
    to: null,
    nonce: chain.transactions.length,
    valueHug: 0n,
    gasUsed: 65_000,
    feeHug: 6_500_000n,
    call: {
      template: 'sct20',
      method: 'TRANSFER',
      tokenSymbol: 'EST',
      tokenDecimals: 18,
      contract,
      from,
      to,
      amount,
      args: {},
    },
    error: state === 'reverted' ? { code: 2_003, ko: '잔액이 부족해요.', en: 'The balance is too low.' } : null,
    rawTransaction: hex(180),
  };
  chain.transactions.unshift(transaction);
  return transaction;
}

function transfer(
  payer: Member,
  payee: Member,
  id: string,
  amount: bigint,
  memo: string,
  at = now(),
  isPast = false,
): TransferView {
  const out: TransferView = {
    transferId: id,
    kind: 'payment',
    direction: 'out',
    counterparty: payee.person,
    token: EST,
    amount,
    fee: 0n,
    memo,
    state: 'sending',
    requestedAt: at,
    finalAt: null,
  };
  const finish = (finalAt: string): void => {
    put(payer, { ...out, state: 'final', finalAt });
    put(payee, { ...out, direction: 'in', counterparty: payer.person, state: 'final', finalAt });
    addTransaction(payer.symId, payee.symId, amount);
  };
  if (isPast) {
    finish(at);
    return out;
  }
  payer.balance -= amount;
  payer.held += amount;
  payee.incoming += amount;
  put(payer, out);
  tell(payee, { kind: 'balances', balances: balancesOf(payee) });
  setTimeout(() => {
    payer.held -= amount;
    payee.incoming -= amount;
    payee.balance += amount;
    finish(now());
  }, FINAL_AFTER_MS);
  return out;
}

function checkView(id: string) {
  const check = checks.get(id)!;
  return {
    checkId: id,
    state: check.state,
    maskedPhone: `010-****-${check.phone.slice(-4)}`,
    expiresAt: new Date(check.startedMs + 180_000).toISOString(),
    resendAfter: new Date(check.sentMs + 30_000).toISOString(),
    triesLeft: check.triesLeft,
    sendsLeft: check.sendsLeft,
    isSimulation: true,
  };
}

interface Asked {
  params: Record<string, string>;
  query: Record<string, unknown>;
  body: unknown;
  secrets: Uint8Array[];
  key: string;
  member: Member;
  setSession: (member: Member | null) => void;
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const body = <T>(asked: Asked): T => asked.body as T;
const page = <T>(items: T[], query: Record<string, unknown>) => {
  const from = Number.parseInt((query['cursor'] as string | undefined) ?? '0', 10);
  const limit = query['limit'] as number;
  return {
    items: items.slice(from, from + limit),
    nextCursor: from + limit < items.length ? String(from + limit) : null,
  };
};

const answers: Partial<Record<RouteName, (asked: Asked) => unknown>> = {
  startCheck: (asked) => {
    const { name, phone } = body<{ name: string; phone: string }>(asked);
    const id = newId();
    checks.set(id, {
      name,
      phone,
      state: 'sent',
      triesLeft: 5,
      sendsLeft: 4,
      startedMs: systemClock.nowMs(),
      sentMs: systemClock.nowMs(),
    });
    return checkView(id);
  },
  resendCheck: ({ params }) => {
    const check = checks.get(params['checkId']!)!;
    check.sentMs = check.startedMs = systemClock.nowMs();
    check.sendsLeft--;
    return checkView(params['checkId']!);
  },
  confirmCheck: (asked) => {
    const check = checks.get(asked.params['checkId']!)!;
    if (body<{ code: string }>(asked).code === '000000') throw new Refusal('identity-code-wrong', --check.triesLeft);
    check.state = 'verified';
    return checkView(asked.params['checkId']!);
  },
  memberIdAvailability: ({ query }) => ({ isAvailable: !members.has(String(query['memberId'])) }),
  join: (asked) => {
    const { checkId, memberId } = body<{ checkId: string; memberId: string }>(asked);
    const check = checks.get(checkId)!;
    if (members.has(memberId)) throw new Refusal('member-id-taken');
    const member = addMember(memberId, check.name, check.phone, text(asked.secrets[0]!), text(asked.secrets[1]!), 0n);
    member.isReady = false;
    setTimeout(() => {
      member.isReady = true;
      tell(member, { kind: 'me', me: meOf(member) });
    }, WALLET_AFTER_MS);
    asked.setSession(member);
    return meOf(member);
  },
  login: (asked) => {
    const member = members.get(body<{ memberId: string }>(asked).memberId);
    if (member === undefined || member.passphrase !== text(asked.secrets[0]!)) throw new Refusal('login-refused', 4);
    member.isUnlocked = true;
    asked.setSession(member);
    return meOf(member);
  },
  unlock: ({ member, secrets }) => {
    if (member.passphrase !== text(secrets[0]!)) throw new Refusal('login-refused', 4);
    member.isUnlocked = true;
    return meOf(member);
  },
  logout: (asked) => {
    asked.setSession(null);
    return null;
  },
  me: ({ member }) => meOf(member),
  balances: ({ member }) => balancesOf(member),
  resolvePayee: (asked) => {
    const { by, value } = body<{ by: string; value: string }>(asked);
    const found = [...members.values()].find((member) =>
      by === 'member-id'
        ? member.person.memberId === value
        : by === 'phone'
          ? member.phone === value
          : member.receiveCode === value,
    );
    if (found === undefined) throw new Refusal('payee-not-found');
    if (found === asked.member) throw new Refusal('payee-is-payer');
    return payeeOf(asked.member, found);
  },
  recentPayees: ({ member, query }) =>
    page(
      [
        ...new Set(
          member.transfers
            .filter(({ direction }) => direction === 'out')
            .map(({ counterparty }) => counterparty!.memberId),
        ),
      ].map((id) => payeeOf(member, members.get(id)!)),
      query,
    ),
  requestTransfer: (asked) => {
    const { payeeId, amount, memo } = body<{ payeeId: string; amount: bigint; memo: string }>(asked);
    const known = asked.member.transfers.find(({ transferId }) => transferId === asked.key);
    if (known !== undefined) return known;
    if (text(asked.secrets[0]!) !== asked.member.pin) throw new Refusal('pin-wrong', 4);
    if (amount > asked.member.balance) throw new Refusal('balance-too-low');
    const payee = [...members.values()].find((member) => member.payeeId === payeeId)!;
    return transfer(asked.member, payee, asked.key, amount, memo);
  },
  listTransfers: ({ member, query }) =>
    page(
      member.transfers.filter(
        (item) =>
          item.kind === (query['kind'] ?? item.kind) && item.direction === (query['direction'] ?? item.direction),
      ),
      query,
    ),
  getTransfer: ({ member, params }) => {
    const found = member.transfers.find(({ transferId }) => transferId === params['transferId']);
    if (found === undefined) throw new Refusal('not-found');
    return found;
  },
  getReceiptVerification: ({ member }) => {
    const transaction = chain.transactions[0]!;
    return {
      chainId: 7777,
      transactionHash: transaction.hash,
      blockNumber: transaction.blockNumber,
      blockHash: hex(32),
      from: member.symId,
      to: hex(10),
      contract,
      amount: 12_000n * WON,
      feeHug: '6500000',
      rawTransaction: transaction.rawTransaction,
      scannerPath: `/scan/transactions/${transaction.hash}`,
    };
  },
  requestCharge: (asked) => {
    const { amountWon } = body<{ amountWon: bigint }>(asked);
    const charge: ChargeView = {
      chargeId: asked.key,
      state: 'waiting',
      amountWon,
      token: EST,
      amount: amountWon * WON,
      bank: { bankName: '지금은행', accountNumber: '110-402-731958', holderName: '지금(충전)' },
      depositCode: '지금4821',
      requestedAt: now(),
      expiresAt: new Date(systemClock.nowMs() + 86_400_000).toISOString(),
      doneAt: null,
      isSimulation: true,
    };
    asked.member.charges.unshift(charge);
    deposit(asked.member, charge);
    return charge;
  },
  listCharges: ({ member, query }) => page(member.charges, query),
  getCharge: ({ member, params }) =>
    member.charges.find(({ chargeId }) => chargeId === params['chargeId']) ?? refuse('not-found'),
  cancelCharge: ({ member, params }) => setCharge(member, params['chargeId']!, { state: 'cancelled' }),
};

const refuse = (code: ErrorCode): never => {
  throw new Refusal(code);
};
const payeeOf = (payer: Member, payee: Member) => ({
  ...payee.person,
  payeeId: payee.payeeId,
  isFirstPayment: !payer.transfers.some(
    ({ direction, counterparty }) => direction === 'out' && counterparty?.memberId === payee.person.memberId,
  ),
});

function setCharge(member: Member, chargeId: string, change: Partial<ChargeView>): ChargeView {
  const at = member.charges.findIndex((charge) => charge.chargeId === chargeId);
  const charge = { ...member.charges[at]!, ...change };
  member.charges[at] = charge;
  tell(member, { kind: 'charge', charge });
  return charge;
}

function deposit(member: Member, { chargeId, amount }: ChargeView): void {
  setTimeout(() => {
    if (member.charges.find((charge) => charge.chargeId === chargeId)?.state !== 'waiting') return;
    setCharge(member, chargeId, { state: 'paid' });
    setTimeout(() => {
      member.balance += amount;
      setCharge(member, chargeId, { state: 'done', doneAt: now() });
      tell(member, { kind: 'balances', balances: balancesOf(member) });
    }, FINAL_AFTER_MS);
  }, DEPOSIT_AFTER_MS);
}

function seed(): void {
  const soyeon = addMember('soyeon', '김소연', '01011112222', 'correct horse battery', '135790', 128_400n);
  const minho = addMember('minho', '박민호', '01033334444', 'correct horse battery', '135790', 42_000n);
  const jiwoo = addMember('jiwoo', '이지우', '01055556666', 'correct horse battery', '135790', 9_500n);
  addMember('hana', '최하나', '01077778888', 'correct horse battery', '135790', 0n);
  const ago = (hours: number): string => new Date(systemClock.nowMs() - hours * 3_600_000).toISOString();
  const past: [Member, Member, bigint, string, number][] = [
    [soyeon, jiwoo, 55_000n, '10월 모임', 900],
    [minho, soyeon, 8_000n, '', 760],
    [soyeon, minho, 12_000n, '점심', 52],
    [minho, soyeon, 3_000n, '커피 나눠 낸 것', 26],
    [soyeon, jiwoo, 24_000n, '책값', 3],
    [jiwoo, soyeon, 6_500n, '', 1],
  ];
  for (const [payer, payee, won, memo, hours] of past)
    transfer(payer, payee, newId(), won * WON, memo, ago(hours), true);
  const charge = (hours: number, won: bigint, state: ChargeView['state']): ChargeView => ({
    chargeId: newId(),
    state,
    amountWon: won,
    token: EST,
    amount: won * WON,
    bank: { bankName: '지금은행', accountNumber: '110-402-731958', holderName: '지금(충전)' },
    depositCode: '지금7713',
    requestedAt: ago(hours),
    expiresAt: ago(hours - 24),
    doneAt: state === 'done' ? ago(hours - 0.1) : null,
    isSimulation: true,
  });
  soyeon.charges = [charge(30, 150_000n, 'done'), charge(800, 50_000n, 'cancelled')];
  addTransaction(soyeon.symId, minho.symId, 900_000n * WON, 'reverted', 40_000);
}

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; media-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";
const TYPES: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript',
  css: 'text/css',
  svg: 'image/svg+xml',
  png: 'image/png',
  woff2: 'font/woff2',
  webmanifest: 'application/manifest+json',
};

async function serveFile(path: string, response: ServerResponse): Promise<void> {
  const isPage = !/\.[a-z0-9]+$/.test(path);
  const file = isPage ? (path.startsWith('/scan') ? '/scan.html' : '/index.html') : path;
  const content = await readFile(`${DIST}${file}`).catch(() => null);
  if (content === null) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, {
    'content-type': TYPES[file.split('.').at(-1)!] ?? 'application/octet-stream',
    'content-security-policy': POLICY.replace("; require-trusted-types-for 'script'", ''),
    'cache-control': 'no-cache',
  });
  response.end(content);
}

async function serveApi(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
  const cookie = /sid=([^;]+)/.exec(request.headers.cookie ?? '')?.[1] ?? '';
  const member = sessions.get(cookie);
  const send = (status: number, json: unknown, headers: Record<string, string> = {}): void => {
    response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers });
    response.end(status === 204 ? undefined : JSON.stringify(json));
  };
  const refuseWith = (code: ErrorCode, triesLeft?: number): void =>
    send(errorCodes[code].status, {
      type: `/errors#${code}`,
      title: errorCodes[code].en,
      status: errorCodes[code].status,
      code,
      triesLeft,
    });

  if (url.pathname === '/v1/events') {
    if (member === undefined) return refuseWith('not-logged-in');
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write(': hello\n\n');
    member.streams.add(response);
    request.on('close', () => member.streams.delete(response));
    return;
  }
  for (const [name, route] of Object.entries(routes)) {
    const pattern = new RegExp(`^${route.path.replaceAll(/:([A-Za-z]+)/g, '(?<$1>[^/]+)')}$`);
    const match = pattern.exec(url.pathname);
    const answer = answers[name as RouteName];
    if (match === null || route.method !== request.method || answer === undefined) continue;
    if (route.auth === 'member' && member === undefined) return refuseWith('not-logged-in');
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const raw = Buffer.concat(chunks);
    const headers: Record<string, string> = {};
    try {
      const form =
        'secrets' in route
          ? decodeSecretForm(new Uint8Array(raw), route.secrets.length)
          : { json: raw.length > 0 ? (JSON.parse(raw.toString()) as unknown) : undefined, secrets: [] };
      const result = answer({
        params: match.groups ?? {},
        query: 'query' in route ? route.query.parse(Object.fromEntries(url.searchParams)) : {},
        body: 'body' in route ? route.body.decode(form.json as never) : undefined,
        secrets: form.secrets,
        key: String(request.headers['idempotency-key'] ?? ''),
        member: member as Member,
        setSession: (next) => {
          if (next === null) sessions.delete(cookie);
          else {
            const id = newId();
            sessions.set(id, next);
            headers['set-cookie'] = `sid=${id}; HttpOnly; Path=/; SameSite=Lax`;
          }
        },
      });
      send(route.status, route.response.encode(result as never), headers);
    } catch (error) {
      if (error instanceof Refusal) refuseWith(error.code, error.triesLeft);
      else {
        console.error(error);
        refuseWith('internal');
      }
    }
    return;
  }
  refuseWith('not-found');
}

seed();
const port = Number.parseInt(process.argv[2] ?? '4310', 10);
setInterval(() => chain.head++, 1_000);
createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://localhost');
  if (url.pathname === '/mock/lock') {
    for (const member of members.values()) member.isUnlocked = false;
    response.end('locked');
  } else if (url.pathname.startsWith('/v1/')) void serveApi(request, response, url);
  else void serveFile(url.pathname, response);
}).listen(port, '127.0.0.1', () => console.log(`Mock of the payment server on http://localhost:${port}`));
