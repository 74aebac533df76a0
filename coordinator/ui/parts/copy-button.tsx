// Copies a text, and says so for a moment.
import { useEffect, useState } from 'react';

const SAID_FOR_MS = 1_500;

interface Props {
  text: string;
  /** what a screen reader calls it; the button's word unless given */
  label?: string;
  className?: string;
}

export function CopyButton({ text, label, className = 'small' }: Props) {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setCopied(false), SAID_FOR_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  // Browsers have no clipboard for pages by plain http from elsewhere: there the text is selected by hand.
  if (navigator.clipboard === undefined) return null;
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => {},
    );
  };
  return (
    <button type="button" className={className} onClick={copy} aria-label={isCopied ? undefined : label}>
      {isCopied ? 'Copied' : 'Copy'}
    </button>
  );
}
