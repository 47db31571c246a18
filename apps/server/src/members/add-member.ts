/** A verified person becomes a member. */
import type { PlatformDeps, Trx } from '#platform';
import * as store from './store.ts';
import { pinHmac } from './tries.ts';

export type NewMember = Omit<store.NewMember, 'pinHmac' | 'createdAt'> & {
  /** Six ASCII digits. The caller clears them. */
  pin: Uint8Array;
};

/** Writes the member. A unique violation on member_id, phone_hmac or ci_hmac says who was first. */
export async function addMember(
  deps: Pick<PlatformDeps, 'clock' | 'secrets'>,
  trx: Trx,
  input: NewMember,
): Promise<void> {
  const { pin, ...member } = input;
  await store.insertMember(trx, {
    ...member,
    pinHmac: pinHmac(deps, member.id, pin),
    createdAt: new Date(deps.clock.nowMs()),
  });
}
