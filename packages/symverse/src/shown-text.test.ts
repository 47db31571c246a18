import { expect, test } from 'vitest';
import { shownText } from './shown-text.ts';

test.each([
  ['letters of any script, marks and signs', 'e\u0301스포츠 العربية עברית 日本 $€ \\ "'],
  ['emoji with their joiners, shades and styles', '👨‍👩‍👧 👩🏽‍🚀 ❤️ ❤️‍🔥 1️⃣ 🇰🇷 🏳️‍🌈'],
])('shows %s as they are', (_what, text) => {
  expect(shownText(text)).toBe(text);
});

test.each([
  ['control characters', 'a\u0000b\u001b[2Jc\u0085', 'a\\u{0}b\\u{1b}[2Jc\\u{85}'],
  ['lines', 'a\n\r\u2028\u2029', 'a\\u{a}\\u{d}\\u{2028}\\u{2029}'],
  ['directions', '\u202Ea\u2066b\u200F', '\\u{202e}a\\u{2066}b\\u{200f}'],
  ['what has no width', 'E\u200BS\u200DT\uFEFF\u00AD\u2060', 'E\\u{200b}S\\u{200d}T\\u{feff}\\u{ad}\\u{2060}'],
  ['letters that show nothing', '\u3164\u115F', '\\u{3164}\\u{115f}'],
  ['styles of what is no emoji', 'A\uFE0F\u{E0100}', 'A\\u{fe0f}\\u{e0100}'],
  ['what is for private use, or nothing yet', '\uE000\u{10FFFF}', '\\u{e000}\\u{10ffff}'],
  ['half a character', 'a\uD800', 'a\\u{d800}'],
  ['joiners before and after emoji', '\u200D👩\u200D', '\\u{200d}👩\\u{200d}'],
])('writes out %s', (_what, text, shown) => {
  expect(shownText(text)).toBe(shown);
});
