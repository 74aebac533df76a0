// Pages of a list that the server cuts, as links that can be shared.
import { Link } from 'wouter';
import { PAGE_SIZES, type Pages } from './use-page-choice.ts';

interface Props {
  pages: Pages;
  count: number;
  /** the count is of what was asked for before, and not told */
  isFormer: boolean;
  what: string;
}

export function Pager({ pages: { page, perPage, hrefOf, onSize }, count, isFormer, what }: Props) {
  const last = Math.max(1, Math.ceil(count / perPage));
  const from = Math.min(count, (page - 1) * perPage + 1);
  const step = (to: number, name: string) =>
    to >= 1 && to <= last && to !== page ? (
      <Link href={hrefOf({ page: to, perPage })} className="button">
        {name}
      </Link>
    ) : (
      <span className="button off">{name}</span>
    );
  return (
    <nav className="pager" aria-label={`Pages of ${what}`}>
      <span className="muted">
        {isFormer ? '…' : `${from}–${Math.min(count, page * perPage)} of ${count}`}
      </span>
      {last > 1 && (
        <>
          {step(1, 'First')}
          {step(page - 1, 'Previous')}
          {step(page + 1, 'Next')}
        </>
      )}
      <label className="muted">
        Rows{' '}
        <select value={perPage} onChange={(event) => onSize(Number(event.target.value))}>
          {PAGE_SIZES.map((size) => (
            <option key={size}>{size}</option>
          ))}
        </select>
      </label>
    </nav>
  );
}
