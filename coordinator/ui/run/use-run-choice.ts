// Which job is about to be asked for, kept in the URL: what to do, and to what.
import { useSearchParams } from 'wouter';
import { JOB_SCOPES, JOB_TYPES, type JobScope, type JobType, scopesOf } from '../../../shared/actions.ts';

export interface RunChoice {
  action: JobType | null;
  scope: JobScope;
  resourceId: string;
}

export function useRunChoice() {
  const [search, setSearch] = useSearchParams();
  const [scopeWord, resourceId = ''] = (search.get('run') ?? '').split(':');
  const scope = JOB_SCOPES.find((word) => word === scopeWord);
  const action =
    JOB_TYPES.find(
      (word) => word === search.get('action') && scope !== undefined && scopesOf(word).includes(scope),
    ) ?? null;
  const set = (values: Record<string, string | null>): void =>
    setSearch(
      (old) => {
        const next = new URLSearchParams(old);
        for (const [name, value] of Object.entries(values)) {
          if (value === null) next.delete(name);
          else next.set(name, value);
        }
        return next;
      },
      { replace: true },
    );
  return {
    choice: scope === undefined ? null : { action, scope, resourceId },
    open: (on: JobScope, id: string): void => set({ run: `${on}:${id}`, action: null }),
    change: (to: JobType): void => set({ action: to }),
    close: (): void => set({ run: null, action: null }),
  };
}
