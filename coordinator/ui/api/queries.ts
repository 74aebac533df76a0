// What the screens read, by resource: how often each is asked again, and what is kept on screen meanwhile.
import { keepPreviousData, QueryClient, useQuery } from '@tanstack/react-query';
import type { Action } from '../../../shared/actions.ts';
import type {
  Cluster,
  Datacenter,
  Job,
  JobDetail,
  JobNode,
  JobSchedule,
  MaintenanceWindow,
  Node,
  Page,
} from '../../../shared/rest-types.ts';
import { useApi } from './api.ts';

const LIST_EVERY_MS = 2_000;
const TOPOLOGY_EVERY_MS = 5_000;
const MODEL_EVERY_MS = 30_000;

/** Nothing is tried again behind the scenes: polls and the banner's probe do that where it can be seen. */
export const makeQueryClient = (): QueryClient =>
  new QueryClient({
    defaultOptions: {
      // An operator's network may have no internet at all: what the browser thinks of being online says nothing.
      queries: { retry: false, networkMode: 'always' },
      mutations: { retry: false, networkMode: 'always' },
    },
  });

export function useMeta() {
  const api = useApi();
  return useQuery({ queryKey: ['meta'], queryFn: api.meta, staleTime: Number.POSITIVE_INFINITY });
}

/** @param status null: all of them */
export function useJobs(page: number, perPage: number, status: string | null) {
  const api = useApi();
  const query = new URLSearchParams({ page: String(page), 'per-page': String(perPage) });
  if (status !== null) query.set('status', status);
  return useQuery({
    queryKey: ['jobs', page, perPage, status],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => api.get<Page<Job>>(`jobs/?${query}`, signal),
    refetchInterval: LIST_EVERY_MS,
  });
}

export function useJobsOfCluster(id: string, perPage: number) {
  const api = useApi();
  return useQuery({
    queryKey: ['clusters', id, 'jobs', perPage],
    queryFn: ({ signal }) => api.get<Page<Job>>(`clusters/${id}/jobs/?per-page=${perPage}`, signal),
    refetchInterval: TOPOLOGY_EVERY_MS,
  });
}

export function useJob(id: string) {
  const api = useApi();
  return useQuery({
    queryKey: ['job', id],
    queryFn: ({ signal }) => api.get<JobDetail>(`jobs/${id}`, signal),
  });
}

/** When a job is expected to be over, asked for by itself: the stream of a job does not tell of it. @param live while the job is not over */
export function useExpectedEnd(id: string, live: boolean): string | null {
  const api = useApi();
  const { data } = useQuery({
    queryKey: ['job', id, 'expected-end'],
    queryFn: ({ signal }) => api.get<JobDetail>(`jobs/${id}`, signal),
    select: (job) => job['expected-end-on'] ?? null,
    enabled: live,
    refetchInterval: TOPOLOGY_EVERY_MS,
  });
  return live ? (data ?? null) : null;
}

/** The last try of each node, in the stored order. @param live while the job is not over */
export function useJobNodes(jobId: string, live: boolean) {
  const api = useApi();
  return useQuery({
    queryKey: ['job', jobId, 'nodes'],
    queryFn: async ({ signal }) => {
      const nodes = await api.all<JobNode>(`jobs/${jobId}/job_nodes/`, signal);
      return nodes.filter((node) => (node['retried-on'] ?? null) === null);
    },
    refetchInterval: live ? LIST_EVERY_MS : false,
  });
}

export function useClusters(page: number, perPage: number) {
  const api = useApi();
  return useQuery({
    queryKey: ['clusters', page, perPage],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => api.get<Page<Cluster>>(`clusters/?page=${page}&per-page=${perPage}`, signal),
    refetchInterval: TOPOLOGY_EVERY_MS,
  });
}

/** A cluster whole: itself, its datacenters and its nodes. */
export function useTopology(id: string) {
  const api = useApi();
  return useQuery({
    queryKey: ['clusters', id, 'topology'],
    queryFn: async ({ signal }) => {
      const [cluster, datacenters, nodes] = await Promise.all([
        api.get<Cluster>(`clusters/${id}`, signal),
        api.all<Datacenter>(`clusters/${id}/datacenters/`, signal),
        api.all<Node>(`clusters/${id}/nodes/`, signal),
      ]);
      return { cluster, datacenters, nodes };
    },
    refetchInterval: TOPOLOGY_EVERY_MS,
  });
}
export type Topology = NonNullable<ReturnType<typeof useTopology>['data']>;

/** Its maintenance windows and freezes, and its scheduled jobs. */
export function useClusterTimes(id: string) {
  const api = useApi();
  return useQuery({
    queryKey: ['clusters', id, 'times'],
    queryFn: async ({ signal }) => {
      const [windows, schedules] = await Promise.all([
        api.all<MaintenanceWindow>(`clusters/${id}/maintenance_windows/`, signal),
        api.all<JobSchedule>(`clusters/${id}/job_schedules/`, signal),
      ]);
      return { windows, schedules };
    },
    refetchInterval: TOPOLOGY_EVERY_MS,
  });
}

export function useActions() {
  const api = useApi();
  return useQuery({
    queryKey: ['actions'],
    queryFn: ({ signal }) => api.all<Action>('actions/', signal),
    staleTime: MODEL_EVERY_MS,
  });
}
