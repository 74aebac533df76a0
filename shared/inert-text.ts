// Text from hosts as people may safely look at it: what a terminal or a page would act on is shown as a visible mark.

/** Control characters, and those that are not seen, or turn the direction of what is. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that must not get through
export const ACTING = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

const mark = (character: string): string =>
  /[\t\n]/.test(character)
    ? character
    : `<U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}>`;

/** Tabs and ends of lines stay. */
export const inert = (text: string): string => text.replace(/\r\n/g, '\n').replace(ACTING, mark);
