/** People and their sessions. */
export { personOf, type Member } from './member.ts';
export { maskName, maskPhone } from './masking.ts';
export { phoneHmac } from './phone.ts';
export { checkPin, countLoginTry, pinHmac, resetTriesOfPerson, TRIES_MAX } from './tries.ts';
export { createSession, endSession, peekSession, sweepSessions, unlockSession, useSession } from './sessions.ts';
export { findMember, findMembers, insertMember, setLastLogin, type NewMember } from './store.ts';
