/**
 * Reads of SCT50 vote contracts and SCT51 polls, as the developer documents print them. Numbers stand there as JSON numbers,
 * QUANTITYs and decimal text; all three are read. What one page shows and another lists only in words is optional.
 */
import { address, arrayOf, nullable, object, text } from '../codec.ts';
import { atLatest, method } from './method.ts';
import { anyNumber } from './sct-number.ts';

const longText = text(32_768);
/** Poll creators, polls or voters in one answer at most: a guess, like every bound that no document names. */
const LISTED_MAX = 10_000;

const voteContract = object({
  creator: address,
  owner: address,
  party: text(),
  token: address,
  pollCreators: arrayOf(address, LISTED_MAX),
  polls: arrayOf(address, LISTED_MAX),
});

const voteResult = object(
  { agrees: anyNumber, disagrees: anyNumber, result: anyNumber },
  { code: anyNumber, nullities: anyNumber, totalvoters: anyNumber, votingRate: anyNumber },
);

const votingPaper = object({ voter: address, stake: anyNumber, decision: text() }, { votes: anyNumber });

const pollContract = object(
  {
    creator: address,
    owner: address,
    agenda: longText,
    category: anyNumber,
    description: longText,
    start: anyNumber,
    end: anyNumber,
    state: text(),
    voteContract: address,
    voteResult,
    votingPaper: arrayOf(votingPaper, LISTED_MAX),
  },
  {
    pollNumber: anyNumber,
    secretOption: text(),
    stakeOption: text(),
    totalVoters: anyNumber,
    quorum: anyNumber,
    passRate: anyNumber,
  },
);

export const SCT_VOTE_METHODS = {
  sct_getVoteContract: method([['contract', address], atLatest], nullable(voteContract)),
  sct_getPollContract: method([['contract', address], atLatest], nullable(pollContract)),
  sct_getVoteResult: method([['contract', address], atLatest], nullable(voteResult)),
  sct_getVotingPaper: method([['contract', address], ['symId', address], atLatest], nullable(votingPaper)),
} as const;
