// What changed in a file: the beginning of the diff, and all of it when the event is open.

const SHOWN_FOLDED = 8;

const toneOf = (line: string): string => {
  if (line.startsWith('+++') || line.startsWith('---')) return 'diff-file';
  if (line.startsWith('@@')) return 'diff-range';
  return line.startsWith('+') ? 'diff-added' : line.startsWith('-') ? 'diff-removed' : '';
};

interface Props {
  text: string;
  /** lines were left out at the end, by the agent */
  isTruncated: boolean;
  isOpen: boolean;
}

export function DiffView({ text, isTruncated, isOpen }: Props) {
  const lines = text.replace(/\n$/, '').split('\n');
  const shown = isOpen ? lines : lines.slice(0, SHOWN_FOLDED);
  const more = lines.length - shown.length;
  return (
    <pre className="diff">
      {shown.map((line, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines of a diff never move
        <span key={at} className={toneOf(line)}>
          {line}
          {'\n'}
        </span>
      ))}
      {more > 0 && <span className="diff-more">{more} more lines: open the event to see them</span>}
      {more === 0 && isTruncated && (
        <span className="diff-more">The agent left out what follows: the change is large</span>
      )}
    </pre>
  );
}
