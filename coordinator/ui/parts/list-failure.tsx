// Why a list could not be read, and the way on where it was the URL that asked for what is not there.
import { Link } from 'wouter';
import type { FieldProblem } from '../../../shared/errors.ts';
import { ApiError } from '../api/api-error.ts';
import { Failure } from './failure.tsx';
import type { Pages } from './use-page-choice.ts';

interface Props {
  error: unknown;
  /** of the list, such as `jobs` */
  what: string;
  pages: Pages;
}

const OF_THE_URL = ['/page', '/status'];

const askedAmiss = (error: unknown): FieldProblem[] =>
  error instanceof ApiError ? error.problems.filter(({ pointer }) => OF_THE_URL.includes(pointer)) : [];

export function ListFailure({ error, what, pages: { first, whole } }: Props) {
  const problems = askedAmiss(error);
  if (!(error instanceof ApiError) || problems.length === 0)
    return <Failure error={error} what={`The ${what} could not be read.`} />;
  const told = problems.map(({ pointer, message }) => `${pointer.slice(1)} ${message}`).join('; ');
  return (
    <div className="failure" role="alert">
      <strong>
        {error.message}: {told}.
      </strong>{' '}
      {problems.every(({ pointer }) => pointer === '/page') ? (
        <Link href={first}>Go to the first page</Link>
      ) : (
        <Link href={whole}>Show all {what}</Link>
      )}
    </div>
  );
}
