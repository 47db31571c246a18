/** Who is logged in, as their own screen shows it. */
import type { MeView } from '@jigeum/api';
import type { Deps } from '#deps';
import { findMember, personOf, type Member } from '#members';
import { AppError } from '#platform';
import { walletStateOf } from '#wallets';

/** The view of a member whose session is unlocked until `unlockedUntil`, or locked. Throws 'not-logged-in' where gone. */
export async function meOf(
  deps: Pick<Deps, 'db' | 'config'>,
  input: { memberId: string; unlockedUntil: Date | null },
): Promise<MeView> {
  const member = await findMember(deps.db, { by: 'id', id: input.memberId });
  if (member === null) throw new AppError('not-logged-in');
  const state = await walletStateOf(deps, { memberId: member.id });
  return meView(deps, { member, walletState: state, unlockedUntil: input.unlockedUntil });
}

/** The same from what is known already. Pure. */
export function meView(
  deps: Pick<Deps, 'config'>,
  input: { member: Member; walletState: 'preparing' | 'ready'; unlockedUntil: Date | null },
): MeView {
  return {
    ...personOf(input.member),
    maskedPhone: input.member.phoneMasked,
    receiveCode: input.member.receiveCode,
    wallet: { state: input.walletState },
    session: {
      isUnlocked: input.unlockedUntil !== null,
      unlockedUntil: input.unlockedUntil?.toISOString() ?? null,
    },
    lastLoginAt: input.member.lastLoginAt?.toISOString() ?? null,
    isSimulation: deps.config.isSimulation,
  };
}
