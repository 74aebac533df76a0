// Asks for user name and password where a session is needed, in the page's own place: its URL stays, and so does what it was about.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useRef } from 'react';
import { useApi } from '../api/api.ts';

export function SignInPage() {
  const api = useApi();
  const queries = useQueryClient();
  const form = useRef<HTMLFormElement>(null);
  const signIn = useMutation({
    mutationFn: ({ username, password }: { username: string; password: string }) =>
      api.signIn(username, password),
    // Another user may have been here before: nothing of what was read stays.
    onSuccess: () => void queries.resetQueries(),
    onError: () => form.current?.querySelector<HTMLInputElement>('[name=password]')?.select(),
  });
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    signIn.mutate({ username: String(given.get('username')), password: String(given.get('password')) });
  };
  return (
    <div className="sign-in">
      <form ref={form} onSubmit={submit} aria-labelledby="sign-in-title">
        <h1 id="sign-in-title">Sign in</h1>
        <div className="option">
          <label htmlFor="username">User name</label>
          <input
            id="username"
            name="username"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            defaultValue="admin"
            required
          />
        </div>
        <div className="option">
          <label htmlFor="password">Password</label>
          <input
            id="password"
            name="password"
            type="password"
            autoComplete="current-password"
            // biome-ignore lint/a11y/noAutofocus: the page is nothing but this form
            autoFocus
            required
          />
        </div>
        <p className="problems" role="alert">
          {signIn.error?.message}
        </p>
        <button type="submit" className="primary" disabled={signIn.isPending}>
          {signIn.isPending ? 'Signing in …' : 'Sign in'}
        </button>
      </form>
    </div>
  );
}
