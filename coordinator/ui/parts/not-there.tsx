// What is shown where nothing is, with a way out.
import { Link } from 'wouter';

export function NotThere({ what }: { what: string }) {
  return (
    <section className="empty">
      <h1>{what}</h1>
      <p>
        Go to the <Link href="/">jobs</Link> or the <Link href="/clusters">clusters</Link>.
      </p>
    </section>
  );
}
