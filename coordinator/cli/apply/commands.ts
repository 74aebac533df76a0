// apply and export: a whole cluster as a file, compared with what is stored and made so.
import type { Command } from 'commander';
import { confirm } from '../confirm.ts';
import { CliFailure } from '../exit.ts';
import { examples } from '../help.ts';
import { readTextFile } from '../input-files.ts';
import { kindOf } from '../kinds.ts';
import { yamlText } from '../output.ts';
import type { Json } from '../rest-client.ts';
import type { Act, Session } from '../session.ts';
import { harmless } from '../terminal/harmless.ts';
import { readTags } from './as-planned.ts';
import { EXPORT_HEAD, exportCluster, unsayable } from './export.ts';
import { gatherSecrets } from './gather-secrets.ts';
import { perform } from './perform.ts';
import { danglingReferences, type Plan, planChanges } from './plan.ts';
import { planData, planLines, planNotes, summaryOf, titleOf } from './plan-words.ts';
import { readModelFile } from './read-model-file.ts';
import { sharedAddresses } from './shared-addresses.ts';
import { readStoredModel } from './stored-model.ts';
import { tryChanges } from './try-changes.ts';

interface ApplyOptions {
  file: string;
  dryRun?: boolean;
  yes?: boolean;
  prune?: boolean;
  updateSecrets?: boolean;
}

function showPlan({ output }: Session, plan: Plan, notes: readonly string[]): void {
  if (!output.isData && !output.quiet) for (const line of planLines(plan, output.colours)) output.line(line);
  for (const note of [...planNotes(plan), ...notes]) output.note(output.errColours.dim(note));
  output.note(output.errColours.bold(summaryOf(plan)));
}

async function apply(session: Session, options: ApplyOptions): Promise<void> {
  const { around, output } = session;
  const { declared, source } = readModelFile(options.file, await readTextFile(options.file, around));
  const stored = await readStoredModel(session.names);
  const flags = {
    prune: options.prune === true,
    updateSecrets: options.updateSecrets === true,
    nowMs: Date.now(),
  };
  const planned = planChanges(declared, stored, flags);
  for (const { at, message } of [
    ...danglingReferences(
      declared.filter((one) => !planned.past.includes(one)),
      stored,
      planned.changes,
    ),
    ...sharedAddresses(planned.changes, declared, stored),
  ])
    source.problem(at, message);
  source.check();
  const { changes, secrets, notes } = await gatherSecrets(planned.changes, around);
  await tryChanges(session, changes, stored, secrets, source);
  const plan = { ...planned, changes };
  showPlan(session, plan, notes);
  if (options.dryRun || changes.length === 0) {
    if (output.isData) output.data(planData(plan));
    return;
  }
  const tags = await readTags(session, changes, stored);
  await confirm(session, 'Make these changes?', options.yes === true);
  const answers = await perform(session, changes, stored, secrets, tags);
  const data = planData(plan).map((change, at) => ({ ...change, id: answers[at]?.['id'] }));
  if (output.quiet) output.ids(data);
  else if (output.isData) output.data(data);
}

async function exportOne(session: Session, given: string): Promise<void> {
  const { names, output } = session;
  const { id } = await names.find(kindOf('cluster'), given);
  const stored = await readStoredModel(names);
  const cluster = stored.byId(id);
  if (cluster === undefined) throw new CliFailure('not-found', `cluster ${given} is gone`);
  const document: Json = exportCluster(cluster, stored);
  for (const one of unsayable(cluster, stored))
    output.note(`not in the file, since what it is for is gone: ${titleOf(one)}`);
  if (output.format === 'json') output.data(document);
  else output.out.write(`${EXPORT_HEAD(harmless(given), harmless(session.url))}${yamlText(document)}`);
}

export function addApplyCommands(program: Command, act: Act): void {
  const command = program
    .command('apply')
    .description(
      'make the model what a file says: shows + what would be made, ~ changed, - deleted, and asks before it does',
    )
    .requiredOption(
      '-f, --file <file>',
      'YAML of repositories, machine-credentials, config-profiles, cluster; - reads standard input',
    )
    .option(
      '--dry-run',
      'only show, and have the coordinator check what it can: settings of profiles, changes of what is there, and what is new in it',
    )
    .option('-y, --yes', 'without a question')
    .option(
      '--prune',
      'delete datacenters, nodes, windows and schedules that the file does not list, where it has the list',
    )
    .option('--update-secrets', 'send the secrets of records that are there too');
  examples(command, [
    'ringmaster export prod >prod.yaml',
    'ringmaster apply -f prod.yaml --dry-run',
    'ringmaster apply -f prod.yaml --prune --yes',
  ]);
  command.addHelpText(
    'after',
    `
A file says all there is to say of the records that it names: a field that it leaves out is set back to its
default. Records that it does not name are left alone, and datacenters, nodes, windows and schedules that it
does not list too, unless --prune is given. Where a cluster has no "datacenters" (or "maintenance-windows", or
"job-schedules"), or a datacenter no "nodes", --prune leaves them alone as well; [] says that there are none.
Running it again changes nothing; after a failure it does what is missing. Of secrets it says where they come
from; ******** among a profile's settings is the secret that is stored there.

  config-profiles:
    - name: base
      product: cassandra
      datastax-version: 5.0.8
      json:
        cassandra-yaml:
          num_tokens: 8
          server_encryption_options: { keystore_password: { from-env: KEYSTORE_PASSWORD } }
        jvm-server-options:
          additional-jvm-opts: [ { option: -Djavax.net.ssl.keyStorePassword, from-env: KEYSTORE_PASSWORD } ]
  repositories:
    - name: packages
      repo-url: https://repo.example.com/
      username: me
      password: { from-env: REPO_PASSWORD }        # or { from-file: PATH }
  cluster:
    name: prod
    repository: packages                           # by name, of this file or known already
    config-profile: base
    datacenters:
      - name: dc1
        nodes:
          - { name: node1, ssh-management-address: 10.0.0.1, rack: rack1, seed: true }
          - { name: node2, ssh-management-address: 10.0.0.2, rack: rack2 }
    maintenance-windows:
      - { name: nights, cron: "0 22 * * *", duration: 480, time-zone: Europe/Vienna }
    job-schedules:                                 # of all, or of a datacenter, or of a node and its datacenter
      - { name: weekly, job-type: restart, cron: "0 23 * * 6", datacenter: dc1, options: { batch-size: 2 } }`,
  );
  command.action(
    act(async (session, _args, options) => await apply(session, options as unknown as ApplyOptions)),
  );

  examples(
    program
      .command('export <cluster>')
      .description('print a cluster as a file for apply, with all that it refers to; secrets are not in it'),
    ['ringmaster export prod >prod.yaml'],
  ).action(act(async (session, [given = '']) => await exportOne(session, given)));
}
