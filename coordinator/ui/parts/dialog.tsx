// A modal dialog: the browser's own, so that focus stays inside, Esc closes it, and focus goes back to where it was.
import { type ReactNode, useId, useLayoutEffect, useRef } from 'react';

interface Props {
  title: string;
  onClose: () => void;
  wide?: boolean;
  children: ReactNode;
}

export function Dialog({ title, onClose, wide = false, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  // Of layout: the browser gives the focus back only if the dialog is closed before it leaves the page.
  useLayoutEffect(() => {
    const own = dialog.current;
    own?.showModal();
    own?.querySelector<HTMLElement>('[data-first]')?.focus();
    return () => own?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={titleId}
      className={wide ? 'wide' : ''}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <header>
        <h2 id={titleId}>{title}</h2>
        <button type="button" className="quiet" onClick={onClose}>
          Close
        </button>
      </header>
      {children}
    </dialog>
  );
}
