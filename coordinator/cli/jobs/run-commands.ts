// job run, watch, wait, terminate, retry: what sets a job going, follows it, or ends it.
import { type Command, Option } from 'commander';
import { ACTIONS, JOB_TYPES, type JobType, scopesOf } from '../../../shared/actions.ts';
import { CliFailure } from '../exit.ts';
import { addParameterOptions, bodyOfParameters } from '../generated-options.ts';
import { examples, group } from '../help.ts';
import type { Json } from '../rest-client.ts';
import type { Act, Session } from '../session.ts';
import { addTargetOptions, targetOf } from '../target.ts';
import { harmless } from '../terminal/harmless.ts';
import { durationMs } from '../values.ts';
import { findJob, JOB_ARGUMENT, JOB_BY_ID } from './find-job.ts';
import { checkComplete, endedWell, type FollowOptions, followJob, type How } from './follow.ts';
import { jobColumns, jobRow, titleOf } from './job-words.ts';
import { addPauseCommands } from './pause-commands.ts';
import { showPlan } from './show-plan.ts';
import type { WatchedJob } from './watched-job.ts';

interface Following extends FollowOptions {
  watch?: boolean;
  wait?: boolean;
  timeout?: number;
}

/** Timers count in 31 bits. */
const TIMEOUT_AT_MOST = '24d';

const timeoutOption = (): Option =>
  new Option(
    '--timeout <duration>',
    'give up (exit code 124) when 90s, 30m, 2h have passed since the command began; the job goes on',
  ).argParser((text) => {
    const ms = durationMs(text);
    if (ms === null || ms === 0)
      throw new CliFailure('usage', `--timeout ${text}: must be a duration such as 90s, 30m or 2h`);
    if (ms > (durationMs(TIMEOUT_AT_MOST) ?? 0))
      throw new CliFailure('usage', `--timeout ${text}: must be at most ${TIMEOUT_AT_MOST}`);
    return ms;
  });
const planOption = (): Option =>
  new Option('--plan', 'start nothing: show the batches that it would work in, and how long').conflicts([
    'watch',
    'wait',
  ]);
const allOption = (): Option => new Option('--all', 'plain lines, with checks that changed nothing too');
const tracebackOption = (): Option => new Option('--traceback', 'errors with their tracebacks');

const addFollowing = (command: Command): Command =>
  command
    .addOption(new Option('--watch', 'show its progress until it ends'))
    .addOption(new Option('--wait', 'wait quietly until it ends').conflicts('watch'))
    .addOption(timeoutOption())
    .addOption(allOption())
    .addOption(tracebackOption());

function showOne({ output }: Session, job: Json): void {
  const wide = output.format === 'wide';
  if (output.quiet) output.ids([job]);
  else if (output.isData) output.data(job);
  else output.table(jobColumns(output.statusColumn(), wide), [jobRow(job, wide, Date.now())]);
}

/** @param how watching shows it all, so nothing is printed twice @returns the job as it ended, however it did */
async function toItsEnd(session: Session, job: Json, how: How, options: FollowOptions): Promise<WatchedJob> {
  const watched = await followJob(session, job, how, options);
  if (how === 'wait' && !session.output.quiet) showOne(session, watched.job);
  return watched;
}

/** Follows and ends as the job does. */
async function follow(session: Session, job: Json, how: How, options: FollowOptions): Promise<void> {
  const watched = await toItsEnd(session, job, how, options);
  checkComplete(watched);
  session.output.note(session.output.errColours.green(endedWell(watched)));
}

/** Before anything is sent. @throws CliFailure usage */
function checkFollowing({ timeout, watch, wait }: Following): void {
  if (timeout !== undefined && !watch && !wait)
    throw new CliFailure('usage', '--timeout says how long to wait: it needs --watch or --wait');
}

async function afterPost(session: Session, job: Json, following: Following): Promise<void> {
  const { output } = session;
  const id = String(job['id']);
  if (output.quiet) output.ids([job]);
  if (following.watch || following.wait) {
    output.note(`${harmless(titleOf(job))} queued as job ${id}`);
    await follow(session, job, following.watch ? 'watch' : 'wait', following);
    return;
  }
  if (!output.quiet) showOne(session, job);
  session.hint(`follow it: ringmaster job watch ${id}`);
}

const RUN_EXAMPLES: Readonly<Record<JobType, readonly string[]>> = {
  install: [
    'ringmaster job run install --cluster prod --watch',
    'ringmaster job run install --node prod/dc1/node4 --wait --timeout 2h',
  ],
  configure: [
    'ringmaster job run configure --datacenter prod/dc1 --watch',
    'ringmaster job run configure --cluster prod --dry-run --watch   # what it would change',
  ],
  restart: [
    'ringmaster job run restart --cluster prod --watch      # rolling: one node at a time',
    'ringmaster job run restart --cluster prod --concurrency-strategy fastest-safe --plan',
    'ringmaster job run restart --cluster prod --canary node-per-rack --canary-wait 600',
    'ringmaster job run restart --node prod/dc1/node2 --wait --timeout 15m',
    'id=$(ringmaster job run restart --cluster prod -q)     # only start it',
  ],
  upgrade: [
    'ringmaster job run upgrade --datacenter prod/dc1 --watch   # to the version of its config profile',
    'ringmaster job run upgrade --node prod/dc1/node2 --take-snapshot --wait',
  ],
  check: ['ringmaster job run check --cluster prod --watch     # touches nothing'],
};

export function addRunCommands(job: Command, act: Act): void {
  const run = group(job, 'run', 'start a job: install, configure, restart, upgrade or check');
  examples(
    run,
    JOB_TYPES.flatMap((type) => RUN_EXAMPLES[type].slice(0, 1)),
  );
  for (const type of JOB_TYPES) {
    const { description, parameters } = ACTIONS[type];
    const command = run.command(type).description(description);
    addTargetOptions(command, scopesOf(type));
    addParameterOptions(command, parameters);
    if (type !== 'check') command.addOption(planOption());
    examples(addFollowing(command), RUN_EXAMPLES[type]).action(
      act(async (session, _args, options) => {
        checkFollowing(options);
        const given = await bodyOfParameters(parameters, options, session);
        const body = { ...(await targetOf(session, options, scopesOf(type))), ...given };
        const path = `actions/${type}`;
        if (options['plan'] === true) await showPlan(session, path, body);
        else await afterPost(session, await session.client.post(path, body), options);
      }),
    );
  }

  examples(
    job
      .command('watch')
      .argument('<job>', JOB_ARGUMENT)
      .description(
        'show a job until it ends; a lost connection is tried again until --timeout (without one: for ever), and taken up where it broke',
      )
      .addOption(timeoutOption())
      .addOption(allOption())
      .addOption(tracebackOption()),
    [
      'ringmaster job watch last',
      'ringmaster job watch last --all >job.log',
      'ringmaster job watch JOB -o json | jq .data.message',
    ],
  ).action(
    act(async (session, [given = ''], options) => {
      await follow(session, await findJob(session, given, { mayBeLast: true }), 'watch', options);
    }),
  );

  examples(
    job
      .command('wait')
      .argument('<job>', JOB_ARGUMENT)
      .description('wait for the end of a job, over lost connections too; its outcome is the exit code')
      .addOption(timeoutOption())
      .addOption(tracebackOption()),
    ['ringmaster job wait JOB --timeout 30m && echo done'],
  ).action(
    act(async (session, [given = ''], options) => {
      await follow(session, await findJob(session, given, { mayBeLast: true }), 'wait', options);
    }),
  );

  examples(
    addFollowing(
      job
        .command('terminate')
        .argument('<job>', JOB_BY_ID)
        .description('end a job. The node under way stops at its next safe point and is not left down')
        .option(
          '--force',
          'of a job that is being terminated for ten seconds or longer: give the run up at once, whatever that leaves of its node',
        ),
    ),
    ['ringmaster job terminate JOB --watch'],
  ).action(
    act(async (session, [given = ''], options: Following & { force?: boolean }) => {
      checkFollowing(options);
      const found = await findJob(session, given, { mayBeLast: false });
      const id = String(found['id']);
      if (options.force !== true) checkNotAsked(id, found);
      await session.client.post('actions/terminate', { 'job-id': id });
      if (session.output.quiet) session.output.ids([found]);
      const what = harmless(titleOf(found));
      session.output.note(
        options.force === true && askedOn(found) !== null
          ? `the run of ${what} is given up`
          : `termination of ${what} is in progress`,
      );
      // What was asked for is its end: TERMINATED is no failure here.
      if (options.watch || options.wait) await terminated(session, found, options);
      else session.hint(`follow it: ringmaster job watch ${id}`);
    }),
  );

  examples(
    addFollowing(
      job
        .command('retry')
        .argument('<job>', JOB_BY_ID)
        .description(
          'start a new job of the same type, target and options on those of its nodes that were not COMPLETE',
        )
        .option('--all-nodes', 'on all of its target, as it is modelled by now')
        .addOption(planOption()),
    ),
    ['ringmaster job retry JOB --watch', 'ringmaster job retry JOB --all-nodes --plan'],
  ).action(act(retry));

  addPauseCommands(job, act);
}

/** null while nobody has asked for its end, and once it is over */
const askedOn = (job: Json): string | null =>
  typeof job['terminate-requested-on'] === 'string' && job['ended-on'] === null
    ? job['terminate-requested-on']
    : null;

/** A second request is another thing than the first: nobody should make it without knowing. @throws CliFailure conflict */
function checkNotAsked(id: string, job: Json): void {
  const since = askedOn(job);
  if (since === null) return;
  throw new CliFailure('conflict', `termination was asked for already (${since})`, [
    `the node under way stops at its next safe point: ringmaster job watch ${id}`,
    '--force gives its run up from ten seconds after that, and may leave its database node drained or down',
  ]);
}

async function terminated(session: Session, job: Json, following: Following): Promise<void> {
  const watched = await toItsEnd(session, job, following.watch ? 'watch' : 'wait', following);
  session.output.note(`${harmless(watched.title)} ended ${watched.status}`);
  if (watched.status !== 'TERMINATED' && watched.status !== 'COMPLETE') checkComplete(watched);
}

async function retry(session: Session, [given = '']: string[], options: Json): Promise<void> {
  checkFollowing(options);
  const before = await findJob(session, given, { mayBeLast: false });
  const type = String(before['job-type']) as JobType;
  const { 'job-type': _type, ...data } = before['job-data'] as Json;
  const secrets = ACTIONS[type].parameters.filter(({ name, secret }) => secret && data[name] !== undefined);
  if (secrets.length > 0)
    throw new CliFailure(
      'usage',
      `the job was given ${secrets.map(({ name }) => name).join(', ')}, which cannot be read back`,
      [`start it anew: ringmaster job run ${type} --${secrets[0]?.name}-from … and the target`],
    );
  const ask = async (path: string, body: Json): Promise<void> =>
    options['plan'] === true
      ? await showPlan(session, path, body)
      : await afterPost(session, await session.client.post(path, body), options);
  if (options['allNodes'] !== true) {
    await ask(`jobs/${String(before['id'])}/retry`, {});
    return;
  }
  const [scope, id] =
    before['node-id'] !== null
      ? ['node', before['node-id']]
      : before['datacenter-id'] !== null
        ? ['datacenter', before['datacenter-id']]
        : ['cluster', before['cluster-id']];
  const { description } = before;
  await ask(`actions/${type}`, { ...data, 'job-scope': scope, 'resource-id': id, description });
}
