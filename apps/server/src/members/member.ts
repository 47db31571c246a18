/** A member, and what each may see of another. */
import type { PersonView } from '@jigeum/api';

/** A person who has joined. Holds no full name, no phone number and no birth date. */
export interface Member {
  /** `members.id`. */
  id: string;
  /** The ID that people type and show. */
  memberId: string;
  nameMasked: string;
  phoneMasked: string;
  /** Stands for the member in a QR. */
  receiveCode: string;
  verifiedAt: Date;
  lastLoginAt: Date | null;
}

/** What one member may see of another. */
export function personOf(member: Pick<Member, 'memberId' | 'nameMasked' | 'verifiedAt'>): PersonView {
  return {
    memberId: member.memberId,
    maskedName: member.nameMasked,
    badge: { isRealNameVerified: true, verifiedSince: member.verifiedAt.toISOString().slice(0, 7) },
  };
}
