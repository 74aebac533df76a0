// The system's codes for a host that is not reached, in words.

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there',
  EHOSTUNREACH: 'no host answers at that address',
  ENETUNREACH: 'there is no way to that network',
  ETIMEDOUT: 'no answer in time',
  ENOTFOUND: 'the name does not resolve',
};

/** @param why a code, or words already */
export const unreached = (why: string): string =>
  Object.hasOwn(WORDS, why) ? `${WORDS[why]} (${why})` : why;
