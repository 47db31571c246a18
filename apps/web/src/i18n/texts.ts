/** Typed texts: the Korean table is the shape, every other language must fill it, and a key or placeholder that does not exist fails to compile. */

/** A table of texts, nested by screen. `{{name}}` in a text is a placeholder. */
export interface Texts {
  readonly [key: string]: string | Texts;
}

/** The same keys as `T`, with any text: what a translation must have. */
export type Translation<T> = { readonly [K in keyof T]: T[K] extends string ? string : Translation<T[K]> };

/** Every path of a table to a text: `send.title`. */
export type TextKey<T> = {
  [K in keyof T & string]: T[K] extends string ? K : `${K}.${TextKey<T[K]>}`;
}[keyof T & string];

type TextAt<T, K extends string> = K extends `${infer Head}.${infer Rest}`
  ? Head extends keyof T
    ? TextAt<T[Head], Rest>
    : never
  : K extends keyof T
    ? T[K]
    : never;

type Placeholder<S> = S extends `${string}{{${infer Name}}}${infer Rest}` ? Name | Placeholder<Rest> : never;

/** What a text needs to be complete: an object with each placeholder, or nothing. */
export type TextValues<T, K extends string, V> = [Placeholder<TextAt<T, K>>] extends [never]
  ? []
  : [values: Readonly<Record<Placeholder<TextAt<T, K>>, V>>];

/** The text at `key`. Throws when the table has none, which the types prevent. */
export function lookUp(texts: Texts, key: string): string {
  let at: string | Texts | undefined = texts;
  for (const part of key.split('.')) at = typeof at === 'object' ? at[part] : undefined;
  if (typeof at !== 'string')
    throw new Error(`Expected a text at ${key}; the table has none. Add it to each language.`);
  return at;
}

/** Splits a text into its literal parts (even places) and placeholder names (odd places). */
export const splitText = (text: string): string[] => text.split(/\{\{([a-zA-Z]+)\}\}/);

/** Every path with its text, for checks that compare languages. */
export function flattenTexts(texts: Texts, prefix = ''): [string, string][] {
  return Object.entries(texts).flatMap(([key, value]): [string, string][] =>
    typeof value === 'string' ? [[`${prefix}${key}`, value]] : flattenTexts(value, `${prefix}${key}.`),
  );
}
