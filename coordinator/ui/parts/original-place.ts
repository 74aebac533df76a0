// Links that clients print and open as they did for the original, whose one page kept the place in its fragment.

/** @param fragment such as `#/jobs/7064583a-0656-4914-819e-937863793ab5` @returns the path of it here; the jobs for what is not here */
export const placeOf = (fragment: string): string =>
  /^#(\/(?:jobs\/[\w-]+|clusters(?:\/[\w-]+)?))\/?$/.exec(fragment)?.[1] ?? '/';
