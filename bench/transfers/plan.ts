/** Who pays whom, and with which nonce: a rule, so that every process knows it and a run can be repeated. */

export interface TransferPlan {
  /** One list for each connection of the load: what a sender signs goes through one connection, in the order of its nonces. */
  readonly lists: number;
  readonly slotsPerList: number;
  /** Senders of each list; they take turns. */
  readonly peoplePerList: number;
  /** The nonce of each sender's first transfer. */
  readonly firstNonce: number;
}

export interface PlannedTransfer {
  /** Indexes of people. */
  readonly from: number;
  readonly to: number;
  readonly nonce: number;
}

/** Odd, so that payees of one sender are spread over all people. */
const STRIDE = 7_919;

export const peopleOf = ({ lists, peoplePerList }: TransferPlan): number => lists * peoplePerList;

/** A transfer of a list. Nobody pays himself. */
export function transferAt(plan: TransferPlan, list: number, slot: number): PlannedTransfer {
  const { peoplePerList, firstNonce } = plan;
  const people = peopleOf(plan);
  const from = list * peoplePerList + (slot % peoplePerList);
  const step = 1 + ((slot * STRIDE + list) % (people - 1));
  return { from, to: (from + step) % people, nonce: firstNonce + Math.floor(slot / peoplePerList) };
}
