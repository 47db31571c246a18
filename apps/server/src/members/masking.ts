/** What others, and our own tables, may see of a name and a phone number. */

/** `홍길동` → `홍*동`, `홍동` → `홍*`, `남궁길동` → `남**동`, `Mary Ann Lee` → `M** *** **e`. Spaces stay. */
function maskName(name: string): string {
  const letters = [...name.trim()];
  if (letters.length === 1) return '*';
  return letters
    .map((letter, index) => {
      if (letter === ' ') return ' ';
      const isShown = index === 0 || (index === letters.length - 1 && letters.length > 2);
      return isShown ? letter : '*';
    })
    .join('');
}

/** `01012345678` → `010-****-5678`. */
const maskPhone = (phone: string): string => `${phone.slice(0, 3)}-****-${phone.slice(-4)}`;

/** The masked forms. */
export const masked = { name: maskName, phone: maskPhone };
