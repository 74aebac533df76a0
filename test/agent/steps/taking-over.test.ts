// A host whose configuration files the original wrote is taken over: what its packages brought is read from them again.
import { expect } from 'chai';
import { HEADER } from '../../../agent/config-files/header.ts';
import { recipes } from '../../../agent/recipes/index.ts';
import type { RunInput } from '../../../shared/run-input.ts';
import { AptHost } from '../../support/apt-host.ts';
import { failureOf } from '../../support/failure-of.ts';
import { drive, inputFor, packagedInputFor } from './step-driver.ts';

const YAML = '/etc/cassandra/cassandra.yaml';
const ENV = '/etc/cassandra/cassandra-env.sh';
const KEPT = '/var/lib/ringmaster-agent/database/cassandra';

describe('a host that the original managed', () => {
  let host: AptHost;
  const run = (recipe: RunInput['recipe'], given: Partial<RunInput> = {}) => {
    const input = packagedInputFor(recipe, {
      version: '5.0.8',
      ...given,
    });
    return drive(recipes[recipe](input), { host, input });
  };
  const downloads = () => host.done.filter((done) => done.startsWith('download '));

  beforeEach(() => {
    host = new AptHost();
    host.has('cassandra', '5.0.8-1');
    host.offered.set('cassandra', ['5.0.8-1']);
    host.files.set(YAML, `${HEADER}\ncluster_name: old\nconcurrent_reads: 99\n`);
    host.files.set(ENV, `${HEADER}\nexport OLD=1\n`);
    host.startNode();
  });

  for (const recipe of ['configure', 'install'] as const)
    it(`has its files rendered from what the packages brought by ${recipe}, under the original's line, and shown`, async () => {
      const { events } = await run(recipe);
      expect(host.files.get(YAML))
        .to.match(new RegExp(`^${HEADER}\n`))
        .and.contain('# of 5.0.8-1')
        .and.contain('cluster_name: testing')
        .and.not.contain('concurrent_reads');
      expect(host.files.get(ENV))
        .to.match(new RegExp(`^${HEADER}\\n`))
        .and.contain('# env of 5.0.8-1')
        .and.not.contain('OLD');
      const written = events.find(
        ({ subtype, resource, changes }) => subtype === 'file-contents' && resource === YAML && changes,
      );
      expect(written?.after?.['diff']).to.match(/^-concurrent_reads: 99$/m);
      expect(downloads()).to.deep.equal(['download cassandra 5.0.8-1']);
      expect(host.files.get(`${KEPT}/pristine/5.0.8/cassandra.yaml`)).to.match(/^# of 5\.0\.8-1\n/);
      expect([...host.files.keys()].filter((path) => path.includes('/recovered/'))).to.deep.equal([]);
    });

  it('is like any other from then on', async () => {
    await run('configure');
    host.done.length = 0;
    const { events } = await run('configure');
    expect(events.filter(({ changes, subtype }) => changes && subtype.includes('file'))).to.deep.equal([]);
    expect(downloads()).to.deep.equal([]);
  });

  it('is left as it is where the packages cannot be had any more, and the job says why', async () => {
    host.offered.clear();
    const files = new Map(host.files);
    const told: string[] = [];
    const input = inputFor('configure', '/usr/share/cassandra', {
      version: '5.0.8',
      install: { type: 'package', directory: '/usr/share/cassandra' },
    });
    const onEvent = ({ subtype, message }: { subtype: string; message: string }) => {
      if (subtype === 'shipped-file-lost') told.push(message);
    };
    const failure = await failureOf(drive(recipes.configure(input), { host, input, onEvent }));
    expect(told).to.deep.equal([
      "What cassandra 5.0.8-1 brought cannot be read from that package again: apt-get could not download the package: E: Version '5.0.8-1' for 'cassandra' was not found",
    ]);
    expect([failure.subtype, failure.resource]).to.deep.equal(['config-file-not-kept', YAML]);
    expect(failure.message).to.contain('--force-confmiss --reinstall install cassandra`');
    expect(host.files).to.deep.equal(files);
    expect(host.running).to.not.equal(null);
  });

  it('is touched by nobody who only looks', async () => {
    const files = new Map(host.files);
    const failure = await failureOf(run('check', { dryRun: { of: 'configure', onlyStale: false } }));
    expect(failure.message).to.match(/a job that writes reads it from its package first/);
    expect(host.files).to.deep.equal(files);
    expect(downloads()).to.deep.equal([]);
  });
});
