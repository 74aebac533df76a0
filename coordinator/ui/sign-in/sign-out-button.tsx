// Ends the session; not there while authentication is off.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { inert } from '../../../shared/inert-text.ts';
import { useApi } from '../api/api.ts';
import { useMeta } from '../api/queries.ts';

export function SignOutButton() {
  const api = useApi();
  const queries = useQueryClient();
  const { data } = useMeta();
  const signOut = useMutation({ mutationFn: api.signOut, onSuccess: () => queries.clear() });
  if (data === undefined || data.user === null) return null;
  return (
    <button
      type="button"
      className="quiet"
      title={`Signed in as ${inert(data.user)}`}
      onClick={() => signOut.mutate()}
    >
      Sign out
    </button>
  );
}
