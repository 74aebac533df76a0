// The routes of the desk; the coordinator serves the page for these, and for others as a 404 (coordinator/rest/ui-routes.ts).
import { Redirect, Route, Switch } from 'wouter';
import { ClusterPage } from './clusters/cluster-page.tsx';
import { ClustersPage } from './clusters/clusters-page.tsx';
import { JobPage } from './job/job-page.tsx';
import { JobsPage } from './jobs/jobs-page.tsx';
import { NotThere } from './parts/not-there.tsx';
import { placeOf } from './parts/original-place.ts';
import { Shell } from './shell.tsx';

export function App() {
  return (
    <Shell>
      <Switch>
        <Route path="/" component={JobsPage} />
        <Route path="/jobs/:id">{({ id }) => <JobPage key={id} id={id} />}</Route>
        <Route path="/clusters" component={ClustersPage} />
        <Route path="/clusters/:id">{({ id }) => <ClusterPage key={id} id={id} />}</Route>
        <Route path="/opscenter/lcm.html">
          <Redirect to={placeOf(location.hash)} replace />
        </Route>
        <Route>
          <NotThere what="There is no such page" />
        </Route>
      </Switch>
    </Shell>
  );
}
