/**
 * Every act that the audit log knows: what its subject is and which facts it tells. A list that is allowed, not one that is
 * forbidden: no field here holds a name, a number of a person, or a secret.
 */

interface Act {
  /** The kind of thing whose UUID is the row's subject; null where there is none. */
  readonly subject: string | null;
  /** The facts that each row of it has, all of them. */
  readonly facts: readonly string[];
}

export const AUDIT_ACTS = {
  // Value. `hash`: of the signed transaction, which says the rest. A member's key was opened for it by their session.
  'payment.accepted': { subject: 'transfer', facts: ['kind', 'payerWallet', 'payeeWallet', 'token', 'amount', 'hash'] },
  'payment.final': { subject: 'transfer', facts: ['before', 'after', 'block', 'hash'] },
  'payment.returned': { subject: 'transfer', facts: ['before', 'after', 'block', 'hash', 'code'] },
  'charge.requested': { subject: 'charge', facts: ['wallet', 'token', 'won', 'amount'] },
  'charge.cancelled': { subject: 'charge', facts: ['before', 'after'] },
  'charge.expired': { subject: 'charge', facts: ['before', 'after'] },
  'charge.paid': { subject: 'charge', facts: ['before', 'after', 'notice', 'won'] },
  'charge.done': { subject: 'charge', facts: ['before', 'after'] },
  'bank.notice': { subject: 'bank notice', facts: ['charge', 'won'] },
  'gas.granted': { subject: 'gas grant', facts: ['wallet', 'reason', 'amount', 'hash'] },
  'gas.final': { subject: 'gas grant', facts: ['before', 'after', 'block', 'hash'] },
  'gas.returned': { subject: 'gas grant', facts: ['before', 'after', 'block', 'hash', 'code'] },
  'token.create': { subject: 'token operation', facts: ['token', 'symbol', 'amount', 'reason', 'hash'] },
  'token.mint': { subject: 'token operation', facts: ['token', 'symbol', 'amount', 'reason', 'hash'] },
  'token.burn': { subject: 'token operation', facts: ['token', 'symbol', 'amount', 'reason', 'hash'] },
  'token.pause': { subject: 'token operation', facts: ['token', 'symbol', 'amount', 'reason', 'hash'] },
  'token.unpause': { subject: 'token operation', facts: ['token', 'symbol', 'amount', 'reason', 'hash'] },
  'token.final': { subject: 'token operation', facts: ['before', 'after', 'block', 'hash'] },
  'token.returned': { subject: 'token operation', facts: ['before', 'after', 'block', 'hash', 'code'] },
  // A member's or the platform's key has signed a nonce a second time, to do nothing.
  'cancel.signed': { subject: 'outbox row', facts: ['wallet', 'nonce', 'hash'] },
  'receipt.issued': { subject: 'transfer', facts: ['hash'] },

  // People and keys. A refusal is counted before the secret is looked at; a log-in and an unlock have opened the key.
  'member.joined': { subject: 'member', facts: ['check', 'wallet'] },
  'login.succeeded': { subject: 'member', facts: [] },
  'login.refused': { subject: 'member', facts: ['triesLeft'] },
  'login.stopped': { subject: 'member', facts: [] },
  'unlock.succeeded': { subject: 'member', facts: [] },
  'pin.refused': { subject: 'member', facts: ['triesLeft'] },
  'pin.stopped': { subject: 'member', facts: [] },
  'pin.changed': { subject: 'member', facts: [] },
  'identity.sent': { subject: 'identity check', facts: ['kind'] },
  // `isMember`: a member has proved again who they are, and got all tries back.
  'identity.verified': { subject: 'identity check', facts: ['isMember'] },
  'identity.refused': { subject: 'identity check', facts: ['result'] },
  'wallet.created': { subject: 'wallet', facts: ['kind', 'member'] },
  'wallet.ready': { subject: 'wallet', facts: ['address'] },
  'key.opened': { subject: 'wallet', facts: ['why'] },

  // The operator's protection.
  'wallet.frozen': { subject: 'wallet', facts: ['before', 'after', 'reason'] },
  'wallet.unfrozen': { subject: 'wallet', facts: ['before', 'after', 'reason'] },
  'outflow.stopped': { subject: 'outflow stop', facts: ['scope', 'token', 'cause', 'reason'] },
  'outflow.resumed': { subject: 'outflow stop', facts: ['scope', 'token', 'cause', 'reason'] },
  'ledger.decided': {
    subject: 'finding',
    facts: ['wallet', 'token', 'before', 'after', 'block', 'decision', 'reason'],
  },
  'recovery.applied': { subject: 'outflow stop', facts: ['fromBlock', 'toBlock', 'transactions', 'corrections'] },
  'alarm.decided': { subject: 'alarm', facts: ['kind', 'before', 'after', 'reason'] },

  // Who is told of ends of transfers. `origin`: of its address, whose path may be a secret.
  'webhook.added': { subject: 'webhook endpoint', facts: ['origin'] },
  'webhook.rotated': { subject: 'webhook endpoint', facts: ['secret', 'oldSecretsUntil'] },
  'webhook.removed': { subject: 'webhook endpoint', facts: ['origin', 'givenUp'] },
  'webhook.retried': { subject: 'webhook endpoint', facts: ['deliveries'] },
  'webhook.redelivered': { subject: 'webhook delivery', facts: ['endpoint', 'before'] },

  // The platform itself.
  'server.started': { subject: null, facts: ['roles', 'chain', 'identity', 'bank', 'hasOperator'] },
  'key.audit': { subject: null, facts: ['key'] },
  'anchor.sent': { subject: 'checkpoint', facts: ['checkpoint', 'hash'] },
  'anchor.final': { subject: 'checkpoint', facts: ['before', 'after', 'block', 'hash'] },
  'anchor.returned': { subject: 'checkpoint', facts: ['before', 'after', 'block', 'hash', 'code'] },
} as const satisfies Record<`${string}.${string}`, Act>;

export type AuditAct = keyof typeof AUDIT_ACTS;

/** Amounts are bigint base units and become decimal text. */
export type AuditFact = string | number | bigint | boolean | null;

/** The facts of an act, each by its name. */
export type AuditFacts<A extends AuditAct> = { readonly [K in (typeof AUDIT_ACTS)[A]['facts'][number]]: AuditFact };
