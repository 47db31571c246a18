/** How many characters of long answers one port holds in memory: made, and not taken by those who asked for them. */

/** A count that HTTP, WebSockets and batches under way share. */
export interface Untaken {
  /** What is held now. */
  readonly characters: number;
  readonly charactersMax: number;
  /** Whether so many more may be held. */
  hasRoom(characters: number): boolean;
  hold(characters: number): void;
  release(characters: number): void;
}

/** Sixteen of the longest answers. */
const CHARACTERS_MAX = 128 * 1024 * 1024;
/** Shorter answers fit the socket's own buffers and are not counted. */
const LONG_ANSWER_CHARACTERS = 65_536;

/** Whether an answer of so many characters is counted. */
export const isLong = (characters: number): boolean => characters > LONG_ANSWER_CHARACTERS;

/** A count that begins at nothing. */
export function createUntaken(charactersMax = CHARACTERS_MAX): Untaken {
  let held = 0;
  return {
    get characters() {
      return held;
    },
    charactersMax,
    hasRoom: (characters) => held + characters <= charactersMax,
    hold(characters) {
      held += characters;
    },
    release(characters) {
      held -= characters;
    },
  };
}

/** One connection's part of a count: what it holds is counted for all as well, and the room is that of all. */
export function shareOf(all: Untaken): Untaken {
  let held = 0;
  return {
    get characters() {
      return held;
    },
    charactersMax: all.charactersMax,
    hasRoom: all.hasRoom,
    hold(characters) {
      held += characters;
      all.hold(characters);
    },
    release(characters) {
      held -= characters;
      all.release(characters);
    },
  };
}
