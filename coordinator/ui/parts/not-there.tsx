// What is shown where nothing is, with a way out.
import { Link } from 'wouter';
import { useTitle } from './use-title.ts';

export function NotThere({ what }: { what: string }) {
  useTitle(what);
  return (
    <section className="empty">
      <h1>{what}</h1>
      <p>
        Go to the <Link href="/">jobs</Link> or the <Link href="/clusters">clusters</Link>.
      </p>
    </section>
  );
}
