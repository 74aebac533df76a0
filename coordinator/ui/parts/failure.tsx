// Why something could not be shown or done, where it would have been.
import { ApiError } from '../api/api-error.ts';

export function Failure({ error, what }: { error: unknown; what: string }) {
  const known = error instanceof ApiError ? error : null;
  return (
    <div className="failure" role="alert">
      <strong>{what}</strong>{' '}
      {known?.message ?? 'Something went wrong in this page; its console has the reason.'}
      {known !== null && known.requestId !== null && known.status >= 500 && (
        <span className="muted"> Request {known.requestId}.</span>
      )}
    </div>
  );
}
