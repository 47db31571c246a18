/** A person who uses the platform through its HTTP API, for the demo, the seeded test people and tests. */
import { createApiClient, type ApiClient, type CallOutput } from '@jigeum/api';
import { randomIds, systemClock } from '@jigeum/std';

export interface PersonFacts {
  readonly name: string;
  readonly phone: string;
  readonly birthDate: string;
  readonly sexDigit: string;
  readonly memberId: string;
  readonly passphrase: string;
  readonly pin: string;
}

export interface Places {
  readonly webUrl: string;
  /** The simulated SMS inbox. */
  readonly smsUrl: string;
  readonly bankUrl: string;
}

export interface Person {
  readonly facts: PersonFacts;
  readonly api: ApiClient;
  /** The cookies that the server has set. */
  readonly cookies: ReadonlyMap<string, string>;
  join(): Promise<void>;
  logIn(): Promise<void>;
  /** Asks for a charge and pays it in at the simulated bank; resolves when the tokens have arrived. */
  charge(won: bigint): Promise<void>;
  /** Pays a member by ID and returns the transfer as accepted. `transferId` may be given to ask again for the same one. */
  pay(
    memberId: string,
    won: bigint,
    options?: { transferId?: string; memo?: string },
  ): Promise<CallOutput<'requestTransfer'>>;
  /** Available, held and incoming in whole won. */
  balance(): Promise<{ available: bigint; held: bigint; incoming: bigint }>;
  untilFinal(transferId: string, withinMs?: number): Promise<CallOutput<'getTransfer'>>;
}

const POLL_MS = 100;
const WITHIN_MS = 30_000;
const SYMBOL = 'EST';

/** A fresh idempotency key. */
export const newKey = (): string => randomIds.uuid(systemClock.nowMs());

/** Makes a person; nothing is sent before a method is called. */
export function createPerson(places: Places, facts: PersonFacts): Person {
  const cookies = new Map<string, string>();
  const secret = (text: string): Uint8Array => new TextEncoder().encode(text);
  const api = createApiClient({
    baseUrl: places.webUrl,
    fetch: async (url, init) => {
      const headers = new Headers(init?.headers);
      if (cookies.size > 0) headers.set('cookie', [...cookies].map(([name, value]) => `${name}=${value}`).join('; '));
      const response = await fetch(url, { ...init, headers });
      for (const line of response.headers.getSetCookie()) {
        const [pair = ''] = line.split(';');
        const at = pair.indexOf('=');
        if (pair.slice(at + 1) === '' || /max-age=0/i.test(line)) cookies.delete(pair.slice(0, at));
        else cookies.set(pair.slice(0, at), pair.slice(at + 1));
      }
      return response;
    },
  });
  const until = async <T>(what: string, ask: () => Promise<T | undefined>, withinMs = WITHIN_MS): Promise<T> => {
    const deadline = systemClock.monotonicMs() + withinMs;
    for (;;) {
      const answer = await ask();
      if (answer !== undefined) return answer;
      if (systemClock.monotonicMs() > deadline)
        throw new Error(`Expected ${what} within ${withinMs / 1000} s for ${facts.memberId}.`);
      await new Promise((resume) => setTimeout(resume, POLL_MS));
    }
  };
  const won = (base: bigint, decimals: number): bigint => base / 10n ** BigInt(decimals);

  const person: Person = {
    facts,
    api,
    cookies,
    async join() {
      const check = await api.call('startCheck', {
        idempotencyKey: newKey(),
        body: {
          name: facts.name,
          carrier: 'SKT',
          phone: facts.phone,
          birthDate: facts.birthDate,
          sexDigit: facts.sexDigit,
          hasConsented: true,
        },
      });
      const code = await until('the code by SMS', async () => newestCode(places.smsUrl, facts.phone));
      await api.call('confirmCheck', { params: { checkId: check.checkId }, body: { code } });
      await api.call('join', {
        idempotencyKey: newKey(),
        body: { checkId: check.checkId, memberId: facts.memberId },
        secrets: { passphrase: secret(facts.passphrase), pin: secret(facts.pin) },
      });
      await until('a ready wallet', async () =>
        (await api.call('me', {})).wallet.state === 'ready' ? true : undefined,
      );
    },
    async logIn() {
      await api.call('login', {
        body: { memberId: facts.memberId },
        secrets: { passphrase: secret(facts.passphrase) },
      });
    },
    async charge(amountWon) {
      const charge = await api.call('requestCharge', { idempotencyKey: newKey(), body: { amountWon, token: SYMBOL } });
      const answer = await fetch(`${places.bankUrl}/deposits`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          accountNumber: charge.bank.accountNumber,
          depositorName: charge.depositCode,
          amountWon: amountWon.toString(),
        }),
      });
      if (!answer.ok)
        throw new Error(`Expected the bank to take the deposit, got status ${answer.status}: ${await answer.text()}`);
      await until('the charge to be done', async () => {
        const now = await api.call('getCharge', { params: { chargeId: charge.chargeId } });
        return now.state === 'done' ? now : undefined;
      });
    },
    async pay(memberId, amountWon, options = {}) {
      const payee = await api.call('resolvePayee', { body: { by: 'member-id', value: memberId } });
      const { balances } = await api.call('balances', {});
      const decimals = balances.find((row) => row.token.symbol === SYMBOL)?.token.decimals ?? 18;
      return api.call('requestTransfer', {
        idempotencyKey: options.transferId ?? newKey(),
        body: {
          payeeId: payee.payeeId,
          maskedName: payee.maskedName,
          token: SYMBOL,
          amount: amountWon * 10n ** BigInt(decimals),
          memo: options.memo ?? '',
        },
        secrets: { pin: secret(facts.pin) },
      });
    },
    async balance() {
      const { balances } = await api.call('balances', {});
      const row = balances.find((balance) => balance.token.symbol === SYMBOL);
      if (row === undefined) return { available: 0n, held: 0n, incoming: 0n };
      const { decimals } = row.token;
      return {
        available: won(row.available, decimals),
        held: won(row.held, decimals),
        incoming: won(row.incoming, decimals),
      };
    },
    untilFinal: (transferId, withinMs) =>
      until(
        'a final transfer',
        async () => {
          const transfer = await api.call('getTransfer', { params: { transferId } });
          return transfer.state === 'final' || transfer.state === 'returned' ? transfer : undefined;
        },
        withinMs,
      ),
  };
  return person;
}

/** The six digits in the newest message to a phone, if there is one. */
async function newestCode(smsUrl: string, phone: string): Promise<string | undefined> {
  const response = await fetch(`${smsUrl}/inbox?to=${phone}`, { headers: { accept: 'application/json' } });
  const inbox = (await response.json()) as { messages: { text: string }[] };
  return inbox.messages.map((message) => /\b([0-9]{6})\b/.exec(message.text)?.[1]).find((code) => code !== undefined);
}
