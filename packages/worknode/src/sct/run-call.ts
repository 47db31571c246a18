/**
 * From the input of a contract transaction to the template whose rules it follows.
 *
 * SCT50 and SCT51 are read, so that a malformed call has its documented code, and then refused with 1002: how stakes are held,
 * counted and returned is not published, and a vote that is counted in another way than on the chain is worse than none.
 */
import {
  readSct20,
  readSct21,
  readSct22,
  readSct30,
  readSct40,
  readSct50,
  readSct51,
  SCT_TYPE,
  type SctCall,
} from '@jigeum/symverse';
import type { ContractOf, ContractState, Template } from '../state/contract-row.ts';
import type { StateWriter } from '../state/state.ts';
import { failure, type Creation, type SctOutcome, type Within } from './outcome.ts';
import { callToken, createSct20 } from './sct20.ts';
import { callSct21, createSct21 } from './sct21.ts';
import { callSct22, createSct22 } from './sct22.ts';
import { callSct30, createSct30 } from './sct30.ts';
import { callSct40, createSct40 } from './sct40.ts';

/** Runs a call that shall make a contract at `address`. Throws an `SctInputError` for parameters out of bounds. */
export function createContract(state: StateWriter, input: Creation<SctCall>): SctOutcome {
  const rules = RULES.find(({ type }) => type === input.call.type);
  return rules === undefined ? refuseTemplate(input.call) : rules.create(state, input);
}

/** Runs a call within a contract. Throws an `SctInputError` for parameters out of bounds. */
export function callContract(state: StateWriter, input: Within<ContractState, SctCall>): SctOutcome {
  const rules = RULES.find(({ template }) => template === input.contract.template);
  // There is a contract, but none of the template that is called.
  if (rules === undefined || rules.type !== input.call.type) return failure('contract-not-found');
  return rules.run(state, input);
}

interface Rules {
  readonly template: Template;
  readonly type: number;
  create(state: StateWriter, input: Creation<SctCall>): SctOutcome;
  run(state: StateWriter, input: Within<ContractState, SctCall>): SctOutcome;
}

type Create<Call> = Extract<Call, { readonly method: 'create' }>;
type Run<Call> = Exclude<Call, { readonly method: 'create' }>;

const RULES: readonly Rules[] = [
  rulesOf('sct20', readSct20, createSct20, callToken),
  rulesOf('sct21', readSct21, createSct21, callSct21),
  rulesOf('sct22', readSct22, createSct22, callSct22),
  rulesOf('sct30', readSct30, createSct30, callSct30),
  rulesOf('sct40', readSct40, createSct40, callSct40),
];

function rulesOf<T extends Template, Call extends { readonly method: string }>(
  template: T,
  read: (call: SctCall) => Call,
  create: (state: StateWriter, input: Creation<Create<Call>>) => SctOutcome,
  run: (state: StateWriter, input: Within<ContractOf<T>, Run<Call>>) => SctOutcome,
): Rules {
  const isCreate = (call: Call): call is Create<Call> => call.method === 'create';
  return {
    template,
    type: SCT_TYPE[template],
    create(state, input) {
      const call = read(input.call);
      if (!isCreate(call)) return failure('contract-not-found');
      // Addresses are shortened hashes: a second contract at one place is refused, not merged.
      if (state.get('contract', input.address) !== undefined) return failure('wrong-state');
      return create(state, { ...input, call });
    },
    run(state, input) {
      const call = read(input.call);
      if (isCreate(call)) return failure('bad-format');
      return run(state, { ...input, contract: input.contract as ContractOf<T>, call: call as Run<Call> });
    },
  };
}

function refuseTemplate(call: SctCall): SctOutcome {
  if (call.type === SCT_TYPE.sct50) readSct50(call);
  else if (call.type === SCT_TYPE.sct51) readSct51(call);
  else return failure('bad-format');
  return failure('wrong-state');
}
