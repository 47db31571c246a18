/** Phone numbers as they are typed and shown. */

export const digitsOf = (text: string): string => text.replace(/[^0-9]/g, '');

/** 010 1234 5678, also while it is half typed. */
export function phoneText(digits: string): string {
  if (digits.length <= 3) return digits;
  if (digits.length <= 7) return `${digits.slice(0, 3)} ${digits.slice(3)}`;
  return `${digits.slice(0, 3)} ${digits.slice(3, 7)} ${digits.slice(7)}`;
}
