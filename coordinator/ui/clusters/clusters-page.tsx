// The clusters and what their newest jobs came to.
import { useRef } from 'react';
import { Link } from 'wouter';
import { inert } from '../../../shared/inert-text.ts';
import { useClusters } from '../api/queries.ts';
import { ListFailure } from '../parts/list-failure.tsx';
import { Pager } from '../parts/pager.tsx';
import { Status } from '../parts/status.tsx';
import { Time } from '../parts/time.tsx';
import { useListKeys } from '../parts/use-list-keys.ts';
import { usePageChoice } from '../parts/use-page-choice.ts';
import { useTitle } from '../parts/use-title.ts';
import { NoClusters } from './no-clusters.tsx';

export function ClustersPage() {
  const pages = usePageChoice();
  const { data, error, isPlaceholderData } = useClusters(pages.page, pages.perPage);
  const list = useRef<HTMLDivElement>(null);
  useListKeys(list);
  useTitle('Clusters');
  return (
    <div ref={list}>
      <div className="page-head">
        <h1>Clusters</h1>
        {data !== undefined && data.count > 0 && (
          <Pager pages={pages} count={data.count} isFormer={isPlaceholderData} what="clusters" />
        )}
      </div>
      {data === undefined && error !== null && <ListFailure error={error} what="clusters" pages={pages} />}
      {data?.count === 0 && <NoClusters />}
      {data !== undefined && data.count > 0 && (
        <table className="clusters" aria-busy={isPlaceholderData}>
          <caption className="hidden">Clusters, oldest first</caption>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Newest job</th>
              <th scope="col">Created</th>
              <th scope="col">Comment</th>
            </tr>
          </thead>
          <tbody>
            {data.results.map((cluster) => (
              <tr key={cluster.id}>
                <td>
                  <Link href={`/clusters/${cluster.id}`} data-row className="row-link">
                    {inert(cluster.name)}
                  </Link>
                </td>
                <td>
                  {cluster['job-status'] === null || cluster['last-job-id'] === null ? (
                    <span className="muted">none yet</span>
                  ) : (
                    <Link href={`/jobs/${cluster['last-job-id']}`} className="over-row">
                      <Status status={cluster['job-status']} />
                    </Link>
                  )}
                </td>
                <td className="cell-created">
                  <Time at={cluster['created-on']} />
                </td>
                <td className="cell-description">
                  {cluster.comment !== null && (
                    <span title={inert(cluster.comment)}>{inert(cluster.comment)}</span>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </div>
  );
}
