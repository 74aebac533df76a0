// The frame of every page: skip link, navigation, clock, and the banner when the coordinator is away.
import type { ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import { ClockSwitch } from './parts/clock-switch.tsx';
import { ConnectionBanner } from './parts/connection-banner.tsx';
import { useFilterKey } from './parts/use-filter-key.ts';

const PLACES = [
  { to: '/', name: 'Jobs', holds: (path: string) => path === '/' || path.startsWith('/jobs/') },
  { to: '/clusters', name: 'Clusters', holds: (path: string) => path.startsWith('/clusters') },
];

export function Shell({ children }: { children: ReactNode }) {
  const [path] = useLocation();
  useFilterKey();
  return (
    <>
      <a className="skip-link" href="#main">
        Skip to the content
      </a>
      <header className="topbar">
        <Link href="/" className="brand">
          <svg viewBox="0 0 16 16" aria-hidden="true" className="brand-mark">
            <circle cx="8" cy="8" r="5.5" />
          </svg>
          Ringmaster
        </Link>
        <nav aria-label="Main">
          {PLACES.map(({ to, name, holds }) => (
            <Link key={to} href={to} aria-current={holds(path) ? 'page' : undefined}>
              {name}
            </Link>
          ))}
        </nav>
        <ClockSwitch />
      </header>
      <ConnectionBanner />
      <main id="main" tabIndex={-1}>
        {children}
      </main>
    </>
  );
}
