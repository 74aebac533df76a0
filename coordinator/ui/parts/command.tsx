// A command to run in a terminal, with a button that copies it.
import { CopyButton } from './copy-button.tsx';

export function Command({ text, label }: { text: string; label: string }) {
  return (
    <div className="command">
      <section
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls has to be reachable by keys
        tabIndex={0}
        aria-label={label}
      >
        <pre>{text}</pre>
      </section>
      <CopyButton text={text} />
    </div>
  );
}
