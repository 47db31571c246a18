/** The one list of capabilities. A function asks for the least: `Pick<Deps, 'clock' | 'db'>`. */
import type { ChainDriver, KeyRegistry } from '@jigeum/chain';
import type { Db, PlatformDeps } from '#platform';

export interface Deps extends PlatformDeps {
  /** What anybody may read of the chain's index: connections of their own, with a role that can read nothing else. */
  scanDb: Db;
  chain: ChainDriver;
  keyRegistry: KeyRegistry;
  identityAgency: IdentityAgency;
  bank: BankGateway;
}

/** Who somebody says to be. Passed on, never stored or logged. */
export interface PersonClaim {
  name: string;
  /** 010 and 8 digits. */
  phone: string;
  /** Birth date as six digits, then the first digit of the second half: seven digits. */
  identityNumber: string;
  carrier: string;
}

/** `mismatch`: differs from the carrier's records. `unavailable`: no usable answer came; what it did is unknown. */
export type AgencySendOutcome =
  { kind: 'sent' } | { kind: 'mismatch' } | { kind: 'too-many' } | { kind: 'unavailable'; cause: string };

export type AgencyConfirmOutcome =
  | { kind: 'verified'; ci: Uint8Array }
  | { kind: 'wrong-code' }
  | { kind: 'expired' }
  | { kind: 'unavailable'; cause: string };

/** A real-name agency (PortOne's shape). None of its functions throws. `ref` is ours: 36 characters, unique. */
export interface IdentityAgency {
  send(ref: string, claim: PersonClaim): Promise<AgencySendOutcome>;
  resend(ref: string): Promise<AgencySendOutcome>;
  /** `ci`: the agency's stable secret name of one person. The caller keeps a keyed hash and clears it. */
  confirm(ref: string, code: string): Promise<AgencyConfirmOutcome>;
  /** What became of a check whose confirmation got no answer; `pending` where it is not confirmed. */
  ask(ref: string): Promise<AgencyConfirmOutcome | { kind: 'pending' }>;
}

/** A deposit as the bank itself records it. */
export interface BankDeposit {
  bankRef: string;
  accountNumber: string;
  depositorName: string;
  /** Whole won. */
  amountWon: bigint;
  depositedAt: string;
}

export interface BankGateway {
  /** Is `signature` (`t=<unix seconds>,v1=<hex>`) the bank's over these exact body bytes, at most five minutes old? */
  isSigned(rawBody: Uint8Array, signature: string | undefined): boolean;
  /** Asks the bank whether it knows this deposit. Never throws; `unknown` where no usable answer came. */
  confirm(
    bankRef: string,
  ): Promise<{ kind: 'found'; deposit: BankDeposit } | { kind: 'absent' } | { kind: 'unknown'; cause: string }>;
}
