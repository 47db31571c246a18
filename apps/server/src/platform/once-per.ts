/** What a process keeps for each set of capabilities, made when it is first asked for and gone with them. */
export function oncePer<Owner extends object, Kept>(make: (owner: Owner) => Kept): (owner: Owner) => Kept {
  const kept = new WeakMap<Owner, Kept>();
  return (owner) => {
    let one = kept.get(owner);
    if (one === undefined) {
      one = make(owner);
      kept.set(owner, one);
    }
    return one;
  };
}
