// Text from hosts as people may safely look at it: what a terminal or a page would act on is shown as a visible mark.

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that must not get through
const ACTING = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

const mark = (character: string): string =>
  `<U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}>`;

/** Tabs and ends of lines stay. */
export const inert = (text: string): string => text.replace(/\r\n/g, '\n').replace(ACTING, mark);
