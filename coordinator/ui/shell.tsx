// The frame of every page: skip link, navigation, clock, and the banner when the coordinator is away.
import { type ReactNode, useSyncExternalStore } from 'react';
import { Link, useLocation } from 'wouter';
import { useApi } from './api/api.ts';
import { ClockSwitch } from './parts/clock-switch.tsx';
import { ConnectionBanner } from './parts/connection-banner.tsx';
import { useFilterKey } from './parts/use-filter-key.ts';
import { SignInPage } from './sign-in/sign-in-page.tsx';
import { SignOutButton } from './sign-in/sign-out-button.tsx';

const PLACES = [
  { to: '/', name: 'Jobs', holds: (path: string) => path === '/' || path.startsWith('/jobs/') },
  { to: '/clusters', name: 'Clusters', holds: (path: string) => path.startsWith('/clusters') },
];

export function Shell({ children }: { children: ReactNode }) {
  const [path] = useLocation();
  const { connection } = useApi();
  const isOut = useSyncExternalStore(connection.subscribe, connection.state) === 'signed-out';
  useFilterKey();
  return (
    <>
      <a className="skip-link" href="#main">
        Skip to the content
      </a>
      <header className="topbar">
        <Link href="/" className="brand" aria-label="Ringmaster">
          <svg viewBox="0 0 16 16" aria-hidden="true" className="brand-mark">
            <circle cx="8" cy="8" r="5.5" />
          </svg>
          <span className="brand-name">Ringmaster</span>
        </Link>
        <nav aria-label="Main">
          {PLACES.map(({ to, name, holds }) => (
            <Link key={to} href={to} aria-current={holds(path) ? 'page' : undefined}>
              {name}
            </Link>
          ))}
        </nav>
        <ClockSwitch />
        {!isOut && <SignOutButton />}
      </header>
      <ConnectionBanner />
      <main id="main" tabIndex={-1}>
        {isOut ? <SignInPage /> : children}
      </main>
    </>
  );
}
