// The key `/` goes to the page's filter, from anywhere but a field.
import { useEffect } from 'react';

/** True while keys are text, or belong to an open dialog. */
export const isTyping = (event: KeyboardEvent): boolean =>
  event.target instanceof Element &&
  event.target.closest('input:not([type=radio]), textarea, select, [contenteditable], dialog') !== null;

export function useFilterKey(): void {
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
      const filter = document.querySelector<HTMLInputElement>('input[data-filter]');
      if (filter === null) return;
      event.preventDefault();
      filter.focus();
      filter.select();
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, []);
}
