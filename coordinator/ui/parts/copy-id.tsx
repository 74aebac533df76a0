// An id, whole, with a button that copies it.
import { CopyButton } from './copy-button.tsx';

export function CopyId({ id, what }: { id: string; what: string }) {
  return (
    <span className="copy-id">
      <code>{id}</code>
      <CopyButton text={id} label={`Copy the id of the ${what}`} className="quiet small" />
    </span>
  );
}
