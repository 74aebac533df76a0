// What comes up below long options, behind the buttons, has to come into view by itself.

/** A ref of what is new: it is scrolled to once, and no further than it takes. */
export const intoView = (element: HTMLElement | null): void => element?.scrollIntoView({ block: 'nearest' });
