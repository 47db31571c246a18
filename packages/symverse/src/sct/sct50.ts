/**
 * SCT50, the vote contract of a digital party, and SCT51, one poll of it: read for display only. symjs 1.0.6 has neither, so
 * the guide of Symverse's voting library (symvote, doc/sct50.md) is followed, the only description of their parameters.
 *
 * Their gas is not in `SCT_GAS`: symjs computes zero, the documents and sym-tools contradict each other. "SCT52" in the
 * documents' introduction is a wrong name of SCT51.
 */
import { oneOf, symId, text, type Field } from '../record.ts';
import { SCT_TYPE, type SctCall } from './codec.ts';
import { SCT_ERR } from './errors.ts';
import { name, quantity, readCall, type CallOf, type MethodRow } from './template.ts';

/** The methods of SCT50: the index is the number on the wire. `token` is the address of the SCT20 that votes are staked in. */
export const SCT50_METHODS = [
  {
    method: 'create',
    params: [
      ['party', name],
      ['token', symId],
      ['owner', symId],
    ],
  },
  { method: 'addPollCreators', each: ['creators', symId] },
  { method: 'removePollCreators', each: ['creators', symId] },
] as const satisfies readonly MethodRow[];

// A choice of 0 or 1, where 0 may be the byte 0x00 as in every integer of a call.
const choice: Field<0 | 1> = {
  encode: (value) => oneOf(0, 1).encode(value),
  decode: (item) => oneOf(0, 1).decode(quantity.encode(quantity.decode(item))),
};

/**
 * The methods of SCT51: the index is the number on the wire. Start and end are in Unix seconds; `secret` is 1 for a secret
 * poll; `stakeOption` is the stake of each voter, 0 for any; `decision` is 1 for agreement; quorum and rates look like percentages in the
 * guide's example.
 */
export const SCT51_METHODS = [
  {
    method: 'createPoll',
    params: [
      ['number', quantity],
      ['category', quantity],
      ['agenda', text],
      ['description', text],
      ['owner', symId],
      ['start', quantity],
      ['end', quantity],
      ['voteContract', symId],
      ['secret', choice],
      ['stakeOption', quantity],
      ['totalVoters', quantity],
      ['quorum', quantity],
      ['passRate', quantity],
    ],
  },
  {
    method: 'vote',
    params: [
      ['stake', quantity],
      ['decision', choice],
    ],
  },
  { method: 'unstake', params: [['amount', quantity]] },
  { method: 'emergencyStop', params: [] },
  { method: 'finish', params: [] },
  {
    method: 'writeResults',
    params: [
      ['result', quantity],
      ['code', quantity],
      ['agrees', quantity],
      ['disagrees', quantity],
      ['nullities', quantity],
      ['totalVoters', quantity],
      ['votingRate', quantity],
    ],
  },
] as const satisfies readonly MethodRow[];

/** A call of SCT50, for display: `{ method: 'create', party, token, owner }` and two more. */
export type Sct50Call = CallOf<typeof SCT50_METHODS>;
/** A call of SCT51, for display: `{ method: 'vote', stake, decision }` and five more. */
export type Sct51Call = CallOf<typeof SCT51_METHODS>;

/** The template. */
export const SCT50 = {
  type: SCT_TYPE.sct50,
  methods: SCT50_METHODS,
  errCodes: { creators: SCT_ERR['bad-poll-creators'] },
} as const;

const POLL_FIELDS = SCT51_METHODS[0].params.map(([field]) => field).filter((field) => field !== 'owner');
/** The template. */
export const SCT51 = {
  type: SCT_TYPE.sct51,
  methods: SCT51_METHODS,
  errCodes: Object.fromEntries(POLL_FIELDS.map((field) => [field, SCT_ERR['bad-poll-format']])),
} as const;

/** The typed call of a decoded one. Refuses another template, an unknown method, another number of parameters, or one out of bounds. */
export const readSct50 = (call: SctCall): Sct50Call => readCall(SCT50, call);

/** The typed call of a decoded one. Refuses another template, an unknown method, another number of parameters, or one out of bounds. */
export const readSct51 = (call: SctCall): Sct51Call => readCall(SCT51, call);
