// job list, show, events: what there is to read about jobs.
import { type Command, Option } from 'commander';
import { EVENTS_OF_JOB, JOB_LIST } from '../../../shared/lists.ts';
import { didYouMean } from '../../../shared/nearest-word.ts';
import { Slots } from '../../../shared/slots.ts';
import { CliFailure } from '../exit.ts';
import { addFilterOptions, filtersOf } from '../filters.ts';
import { examples, wholeOption } from '../help.ts';
import { cell } from '../output.ts';
import type { Json } from '../rest-client.ts';
import type { Act, Session } from '../session.ts';
import { harmless, harmlessLines } from '../terminal/harmless.ts';
import { spoken } from '../values.ts';
import { findJob, JOB_ARGUMENT } from './find-job.ts';
import {
  atWorkMs,
  ENDED,
  endedMs,
  endsOf,
  jobColumns,
  jobRow,
  lastTries,
  sinceMs,
  stepOf,
  targetOf,
  waitingOf,
  waitingSinceOf,
} from './job-words.ts';

async function list(session: Session, options: Json): Promise<void> {
  const { client, output } = session;
  const filters = await filtersOf(JOB_LIST, options, session);
  const jobs = await client.list('jobs/', Number(options['limit']), filters);
  const wide = output.format === 'wide';
  const rows = jobs.map((job) => jobRow(job, wide, Date.now()));
  output.list(
    jobs,
    jobColumns(output.statusColumn(), wide),
    rows,
    Object.keys(filters).length > 0 ? 'no such jobs' : 'no jobs yet; `ringmaster job run` starts one',
  );
}

/** The schedule that made it, by its name while it is there; null: none did. */
async function scheduleOf({ client }: Session, { 'schedule-id': id }: Json): Promise<string | null> {
  if (typeof id !== 'string') return null;
  try {
    return `${String((await client.get(`job_schedules/${id}`))['name'])}  (${id})`;
  } catch (error) {
    if ((error as { status?: unknown }).status !== 404) throw error;
    return `${id}  (deleted)`;
  }
}

async function show(session: Session, given: string): Promise<void> {
  const { client, output } = session;
  const job = await findJob(session, given, { mayBeLast: true });
  if (output.quiet || output.isData) {
    if (output.quiet) output.ids([job]);
    else output.data(job);
    return;
  }
  const ended = endedMs(job);
  const ends = endsOf(job, Date.now());
  const rest = ended === null ? 'more may come' : 'not all of them';
  const { 'job-type': _type, ...data } = job['job-data'] as Json;
  const schedule = await scheduleOf(session, job);
  const given_ = Object.entries(data).filter(([, value]) => value !== null);
  output.sheet([
    ['job', String(job['id'])],
    ['type', String(job['job-type'])],
    ['on', targetOf(job)],
    ['status', String(job['status'])],
    ...(waitingOf(job) === null ? [] : [['waiting for', waitingSinceOf(job, Date.now())] as const]),
    ...(job['description'] === null ? [] : [['description', cell(job['description'])] as const]),
    ...(schedule === null ? [] : [['schedule', schedule] as const]),
    // By its name a schedule stands there already.
    ...(schedule === null && typeof job['asked-by'] === 'string'
      ? [['asked by', job['asked-by']] as const]
      : []),
    ['options', given_.map(([name, value]) => `${name}=${cell(value)}`).join(' ') || '-'],
    ['created', `${String(job['created-on'])}  (${spoken(sinceMs(job['created-on'], Date.now()))} ago)`],
    ...(ended === null ? [] : [['took', spoken(atWorkMs(job, ended))] as const]),
    ...(ends === null ? [] : [['expected end', ends] as const]),
    ['events', `${cell(job['event-count'])}${job['events-complete'] === true ? '' : `, ${rest}`}`],
  ]);
  output.line('');
  const nodes = lastTries(await client.list(`jobs/${String(job['id'])}/job_nodes/`));
  output.table(
    [
      { head: 'NODE', yields: 'name' },
      { head: 'DC', yields: 'name' },
      output.statusColumn(),
      { head: 'STEP', yields: 'text' },
    ],
    nodes.map((node) => [
      String(node['node-name']),
      String(node['datacenter-name']),
      String(node['status']),
      ENDED.includes(String(node['status'])) ? '' : stepOf(node['progress']),
    ]),
  );
  const failed = ['FAILED', 'WILL_FAIL'].includes(String(job['status']));
  if (failed) session.hint(`why: ringmaster job events ${String(job['id'])} --errors`);
  session.hint(
    ended === null
      ? `follow it: ringmaster job watch ${String(job['id'])}`
      : `its events: ringmaster job events ${String(job['id'])}`,
  );
}

/** Which events, oldest first. @throws CliFailure not-found for a node that the job does not have */
async function eventsOf(
  { client }: Session,
  jobId: string,
  nodeGiven: unknown,
  filters: Readonly<Record<string, string>>,
): Promise<{ events: Json[]; nodes: Json[] }> {
  const nodes = await client.list(`jobs/${jobId}/job_nodes/`);
  const read = async (path: string): Promise<Json[]> =>
    await client.list(path, Number.POSITIVE_INFINITY, filters);
  if (nodeGiven === undefined) return { events: await read(`jobs/${jobId}/job_events/`), nodes };
  const ofOneTry = nodes.filter((node) => node['id'] === nodeGiven);
  if (ofOneTry.length > 0) return { events: await read(`job_nodes/${String(nodeGiven)}/job_events/`), nodes };
  const found = lastTries(nodes).filter((node) => [node['node-name'], node['node-id']].includes(nodeGiven));
  const names = nodes.map((node) => String(node['node-name']));
  if (found.length !== 1)
    throw new CliFailure(
      found.length === 0 ? 'not-found' : 'usage',
      found.length === 0
        ? `the job has no node ${String(nodeGiven)}${didYouMean(String(nodeGiven), names)}`
        : `the job has ${found.length} nodes named ${String(nodeGiven)}; give an id:`,
      found.length === 0
        ? [`\`ringmaster job show ${jobId}\` shows its nodes`]
        : found.map(
            (node) =>
              `${String(node['datacenter-name'])}/${String(node['node-name'])}  ${String(node['node-id'])}`,
          ),
    );
  const ofNode = { ...filters, 'node-id': String(found[0]?.['node-id']) };
  return { events: await client.list(`jobs/${jobId}/job_events/`, Number.POSITIVE_INFINITY, ofNode), nodes };
}

const AT_ONCE = 8;

/** Lists leave tracebacks out; single records have them. @returns the same, errors read singly */
async function withTracebacks({ client }: Session, events: readonly Json[]): Promise<Json[]> {
  const slots = new Slots(AT_ONCE);
  return await Promise.all(
    events.map(async (event) =>
      event['event-type'] === 'error'
        ? await slots.within(() => client.get(`job_events/${String(event['id'])}`))
        : event,
    ),
  );
}

/** Whether one of the first errors has a traceback: looking at them all would cost what leaving tracebacks out is to spare. */
async function haveTracebacks(session: Session, errors: readonly Json[]): Promise<boolean> {
  const first = await withTracebacks(session, errors.slice(0, AT_ONCE));
  return first.some(({ traceback }) => typeof traceback === 'string');
}

async function events(session: Session, given: string, options: Json): Promise<void> {
  const { output } = session;
  const job = await findJob(session, given, { mayBeLast: true });
  const filters = {
    ...(await filtersOf(EVENTS_OF_JOB, options, session, OF_THE_JOB)),
    ...(options['errors'] === true ? { 'event-type': 'error' } : {}),
  };
  const found = await eventsOf(session, String(job['id']), options['node'], filters);
  const [onlyErrors, traced] = [options['errors'] === true, options['traceback'] === true];
  const wantsTracebacks = !output.quiet && (traced || (onlyErrors && output.isData));
  const chosen = wantsTracebacks ? await withTracebacks(session, found.events) : found.events;
  const names = new Map(found.nodes.map((node) => [node['node-id'], String(node['node-name'])]));
  const paint = (padded: string, type: string): string =>
    type === 'error' ? output.colours.red(padded) : padded;
  output.list(
    chosen,
    [
      { head: 'TIME' },
      { head: 'NODE', yields: 'name' },
      { head: 'TYPE', paint },
      { head: 'SUBTYPE', yields: 'name' },
      { head: 'MESSAGE', ...(output.format === 'wide' ? {} : { yields: 'text' as const }) },
    ],
    chosen.map((event) => [
      String(event['created-on']).replace(/\.\d+Z$/, 'Z'),
      event['node-id'] === null ? '-' : (names.get(event['node-id']) ?? String(event['node-id'])),
      String(event['event-type']),
      String(event['event-subtype']),
      String(event['message']),
    ]),
    onlyErrors ? 'no errors' : Object.keys(filters).length > 0 ? 'no such events' : 'no events yet',
  );
  if (output.quiet || output.isData) return;
  if (onlyErrors && !traced && (await haveTracebacks(session, chosen).catch(() => false)))
    session.hint('their tracebacks: --traceback shows them');
  for (const event of chosen) {
    if (typeof event['traceback'] !== 'string') continue;
    output.line(`\n${output.colours.red(harmless(String(event['message'])))}`);
    for (const line of harmlessLines(String(event['traceback']))) output.line(`  ${line}`);
  }
}

/** Its node goes by a name that is only known within the job. */
const OF_THE_JOB = ['node-id'];

export function addReadCommands(job: Command, act: Act): void {
  const listing = job.command('list').description('jobs, the newest first');
  addFilterOptions(listing, JOB_LIST).option(
    '--limit <number>',
    'at most so many (default 20)',
    wholeOption('--limit', 1),
    20,
  );
  examples(listing, [
    'ringmaster job list --cluster prod --limit 5',
    'ringmaster job list --status FAILED --since 7d',
    'ringmaster job list -o json | jq -r .[0].status',
  ]).action(act(async (session, _args, options) => await list(session, options)));
  examples(job.command('show').argument('<job>', JOB_ARGUMENT).description('one job, with its nodes'), [
    'ringmaster job show last',
  ]).action(act(async (session, [given = '']) => await show(session, given)));
  const telling = job
    .command('events')
    .argument('<job>', JOB_ARGUMENT)
    .description('what the nodes of a job told, the oldest first')
    .option('--node <name>', 'of one node of the job')
    .addOption(new Option('--errors', 'only errors').conflicts('eventType'))
    .option('--traceback', 'the tracebacks of errors too');
  addFilterOptions(telling, EVENTS_OF_JOB, OF_THE_JOB);
  examples(telling, [
    'ringmaster job events last --errors --traceback',
    'ringmaster job events JOB --node node2 --changes',
    'ringmaster job events JOB --text cassandra.yaml',
  ]).action(act(async (session, [given = ''], options) => await events(session, given, options)));
}
