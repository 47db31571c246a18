/**
 * The life of a transfer and of the signed transaction behind it: states and the pure functions that move them.
 * The database refuses the same moves again (`refuse_change_of_end_state`, CHECKs), so a mistake here cannot lose money.
 */
import type { BroadcastOutcome, TransactionOutcome } from '@jigeum/chain';
import type { TransferState as ShownState } from '@jigeum/api';

/** A transfer, a grant or a token operation: recorded and signed, then what the chain made of it. */
export type SourceState = 'accepted' | EndState;

/**
 * How a signed transaction ends. `final`: executed. `reverted`: in a block, without success. `superseded`: another
 * transaction has used its nonce, so that it can never be in one.
 */
export type EndState = 'final' | 'reverted' | 'superseded';

/** A signed transaction. `gas_wait`: it waits until its sender's gas is on its way. No state is "unknown". */
export type OutboxState = 'gas_wait' | 'signed' | 'broadcast' | EndState;

/** What can happen to a signed transaction. */
export type OutboxEvent =
  /** The grant that it waits for is with the node, or final. */
  | { kind: 'gas-promised' }
  | { kind: 'broadcast'; outcome: BroadcastOutcome }
  | { kind: 'looked-up'; outcome: TransactionOutcome }
  /** It is proven that another transaction of its nonce is final: `ChainDriver.provenAbsent`, or its own recorded cancel. */
  | { kind: 'superseded' };

export interface OutboxView {
  state: OutboxState;
  /** The last answer told nothing: it may be on the chain. */
  isUnknown: boolean;
}

/**
 * The next state of a signed transaction. Only a final outcome on the chain ends it, its own or that of another one with its
 * nonce: no refusal, silence or absence does, because an earlier copy of the same bytes may still be mined (INV-06).
 */
export function transition(row: OutboxView, event: OutboxEvent): OutboxView {
  if (isEnd(row.state)) return row;
  // Nobody has sent it: only its gas moves it.
  if (row.state === 'gas_wait') return event.kind === 'gas-promised' ? { state: 'signed', isUnknown: false } : row;
  switch (event.kind) {
    case 'gas-promised':
      return row;
    case 'broadcast':
      return afterBroadcast(row, event.outcome);
    case 'looked-up':
      if (event.outcome.kind === 'final') {
        return { state: event.outcome.isSuccess ? 'final' : 'reverted', isUnknown: false };
      }
      // Pending: the node has it, whatever an earlier answer said. Absent: nothing new; it is sent again when due.
      return event.outcome.kind === 'pending' ? { state: 'broadcast', isUnknown: false } : row;
    case 'superseded':
      return { state: 'superseded', isUnknown: false };
  }
}

/** True where nothing can happen any more. */
export const isEnd = (state: OutboxState): state is EndState =>
  state === 'final' || state === 'reverted' || state === 'superseded';

function afterBroadcast(row: OutboxView, outcome: BroadcastOutcome): OutboxView {
  switch (outcome.kind) {
    case 'accepted':
    case 'already-known':
      return { state: 'broadcast', isUnknown: false };
    case 'unknown':
      return { ...row, isUnknown: true };
    case 'refused':
      // These two may come from an earlier copy that is on the chain already: only the hash can tell.
      return outcome.reason === 'nonce-too-low' || outcome.reason === 'invalid' ? { ...row, isUnknown: true } : row;
  }
}

/** A transfer that has no outcome after this long is shown as being checked. Ten blocks. */
export const CHECKING_AFTER_MS = 10_000;

/** What the member sees. "Checking" is never "failed": the money is held until the chain has spoken. */
export function shownState(row: {
  state: SourceState;
  isUnknown: boolean;
  requestedAtMs: number;
  nowMs: number;
}): ShownState {
  if (row.state === 'final') return 'final';
  if (row.state === 'reverted' || row.state === 'superseded') return 'returned';
  return row.isUnknown || row.nowMs - row.requestedAtMs > CHECKING_AFTER_MS ? 'checking' : 'sending';
}

/** How long a row rests after its `attempts`-th answer that did not settle it: 0.5 s, doubling, at most 10 s. */
export const retryAfterMs = (attempts: number): number =>
  Math.min(10_000, 500 * 2 ** Math.min(5, Math.max(0, attempts - 1)));
