// Keeps the end of the log in sight until the reader scrolls up, and again from when they are back at the end.
import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';

const NEAR_PX = 24;

export interface Follow {
  isFollowing: boolean;
  /** go to the end and stay there */
  start: () => void;
  onScroll: () => void;
  /** the content became longer or shorter; of its own box it knows by itself */
  onResize: () => void;
}

export function useFollow(scroller: RefObject<HTMLElement | null>): Follow {
  const [isFollowing, setFollowing] = useState(true);
  const following = useRef(true);
  const lastTop = useRef(0);

  const set = useCallback((next: boolean) => {
    following.current = next;
    setFollowing(next);
  }, []);
  const toEnd = useCallback(() => {
    const box = scroller.current;
    if (box !== null) box.scrollTop = box.scrollHeight;
  }, [scroller]);
  const onScroll = useCallback(() => {
    const box = scroller.current;
    if (box === null) return;
    const isAtEnd = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_PX;
    // Content that grows leaves the end behind as well, but only a reader goes up.
    if (isAtEnd) set(true);
    else if (box.scrollTop < lastTop.current) set(false);
    lastTop.current = box.scrollTop;
  }, [scroller, set]);
  const onResize = useCallback(() => {
    if (following.current) toEnd();
  }, [toEnd]);
  // A banner or an error above takes its height from the log, which would leave its newest lines below the edge.
  useEffect(() => {
    const box = scroller.current;
    if (box === null) return;
    const watch = new ResizeObserver(onResize);
    watch.observe(box);
    return () => watch.disconnect();
  }, [scroller, onResize]);
  const start = useCallback(() => {
    set(true);
    toEnd();
  }, [set, toEnd]);
  return { isFollowing, start, onScroll, onResize };
}
