// Idempotency keys of a dialog: a second click, or a try after an answer that was lost, asks for the same thing and not for another.
import { useRef } from 'react';

/** Not `randomUUID`: a page that came over plain HTTP does not have it. */
const newKey = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/** @returns the key of what is wanted, by its content: the same one for as long as the dialog is open */
export function useKeys(): (wanted: string) => string {
  const keys = useRef(new Map<string, string>());
  return (wanted) => {
    const key = keys.current.get(wanted) ?? newKey();
    keys.current.set(wanted, key);
    return key;
  };
}
