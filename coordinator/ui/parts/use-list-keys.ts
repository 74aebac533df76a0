// The keys j and k (and the arrows once a row has the focus) go from row to row of a list.
import { type RefObject, useEffect } from 'react';
import { isTyping } from './use-filter-key.ts';

const STEPS: Readonly<Record<string, number>> = { j: 1, k: -1, ArrowDown: 1, ArrowUp: -1 };

/** @param list what holds the rows; each row's link or button carries `data-row` */
export function useListKeys(list: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      const step = STEPS[event.key];
      if (step === undefined || event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
      const rows = [...(list.current?.querySelectorAll<HTMLElement>('[data-row]') ?? [])];
      const at = rows.indexOf(document.activeElement as HTMLElement);
      if (at === -1 && event.key.startsWith('Arrow')) return;
      const next = rows[at === -1 ? (step === 1 ? 0 : rows.length - 1) : at + step];
      if (next === undefined) return;
      event.preventDefault();
      next.focus();
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, [list]);
}
