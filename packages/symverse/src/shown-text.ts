/** Text of strangers, as it is put before people. */

/** An emoji with its style, shade and what is joined to it: there a character that cannot be seen belongs to what is seen. */
const EMOJI =
  /\p{Extended_Pictographic}[\u{FE0F}\p{Emoji_Modifier}]?(?:\u{200D}\p{Extended_Pictographic}[\u{FE0F}\p{Emoji_Modifier}]?)*|[0-9#*]\u{FE0F}\u{20E3}/u;
/**
 * Control, direction and private characters, line ends, and what shows nothing: on a page they turn text around, or let one name look
 * like another's.
 */
const HIDDEN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

const EMOJI_OR_HIDDEN = new RegExp(`(${EMOJI.source})|${HIDDEN.source}`, 'gu');

/** The text with every character written out that cannot be seen, as `\u{202e}`; those within emoji stay. */
export const shownText = (text: string): string =>
  text.replace(EMOJI_OR_HIDDEN, (found, emoji: string | undefined) =>
    emoji === undefined ? `\\u{${found.codePointAt(0)!.toString(16)}}` : found,
  );
