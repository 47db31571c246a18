/** Open streams by member: who is told of a NOTIFY, and how many there may be. */
export interface Stream {
  /** New events may be there. Coalesced: one read at a time, one more after it. */
  poke(): void;
  /** Ends the stream; the browser comes back with Last-Event-ID. */
  close(): void;
}

export interface Streams {
  /** Adds a stream. The member's oldest is closed where there would be too many. False: the server has too many. */
  add(memberId: string, stream: Stream): boolean;
  remove(memberId: string, stream: Stream): void;
  poke(memberId: string): void;
  pokeAll(): void;
  closeAll(): void;
  count(): number;
}

/** A phone, a tablet and a few tabs. */
const PER_MEMBER_MAX = 6;
/** Each costs a socket and a few kilobytes. */
const TOTAL_MAX = 10_000;

/** Makes an empty register. */
export function createStreams(limits = { perMemberMax: PER_MEMBER_MAX, totalMax: TOTAL_MAX }): Streams {
  const byMember = new Map<string, Set<Stream>>();
  let total = 0;
  const remove = (memberId: string, stream: Stream) => {
    const streams = byMember.get(memberId);
    if (streams?.delete(stream) !== true) return;
    total--;
    if (streams.size === 0) byMember.delete(memberId);
  };
  return {
    add(memberId, stream) {
      const streams = byMember.get(memberId) ?? new Set();
      if (streams.size >= limits.perMemberMax) {
        const [oldest] = streams;
        remove(memberId, oldest!);
        oldest!.close();
      } else if (total >= limits.totalMax) return false;
      streams.add(stream);
      byMember.set(memberId, streams);
      total++;
      return true;
    },
    remove,
    poke(memberId) {
      for (const stream of byMember.get(memberId) ?? []) stream.poke();
    },
    pokeAll() {
      for (const streams of byMember.values()) for (const stream of streams) stream.poke();
    },
    closeAll() {
      for (const [memberId, streams] of [...byMember])
        for (const stream of [...streams]) {
          remove(memberId, stream);
          stream.close();
        }
    },
    count: () => total,
  };
}
