// Which page of a list is shown, kept in the URL beside what else the list is asked for.
import { useLocation, useSearchParams } from 'wouter';

export const PAGE_SIZES = [25, 50, 100, 250];
const DEFAULT_SIZE = 50;

interface PageChoice {
  page: number;
  perPage: number;
}

/** The page that is shown, and the ways to others. */
export interface Pages extends PageChoice {
  hrefOf: (choice: PageChoice) => string;
  /** the list's first page, with its filters */
  first: string;
  /** the list without any */
  whole: string;
  /** the first row shown stays on the page */
  onSize: (perPage: number) => void;
}

export function usePageChoice(): Pages {
  const [path, navigate] = useLocation();
  const [search] = useSearchParams();
  const page = Math.max(1, Math.floor(Number(search.get('page'))) || 1);
  const asked = Number(search.get('per-page'));
  const perPage = PAGE_SIZES.includes(asked) ? asked : DEFAULT_SIZE;
  const hrefOf = (choice: PageChoice): string => {
    const query = new URLSearchParams(search);
    query.delete('page');
    query.delete('per-page');
    if (choice.page > 1) query.set('page', String(choice.page));
    if (choice.perPage !== DEFAULT_SIZE) query.set('per-page', String(choice.perPage));
    return query.size === 0 ? path : `${path}?${query}`;
  };
  return {
    page,
    perPage,
    hrefOf,
    first: hrefOf({ page: 1, perPage }),
    whole: path,
    onSize: (size) =>
      navigate(hrefOf({ page: Math.floor(((page - 1) * perPage) / size) + 1, perPage: size })),
  };
}
