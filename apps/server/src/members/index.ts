/** People and their sessions. */
export { personOf, type Member } from './member.ts';
export { masked } from './masking.ts';
export { phoneHmac } from './phone.ts';
export { checkPin, loginTries } from './tries.ts';
export { sessions } from './sessions.ts';
export { addMember } from './add-member.ts';
export { findMember } from './store.ts';
