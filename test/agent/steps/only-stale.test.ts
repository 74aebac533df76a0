// Restarts and configures of stale nodes alone, on a machine in memory: who is stopped, who is left running, and what is told of both.
import { expect } from 'chai';
import { recipes } from '../../../agent/recipes/index.ts';
import type { RunInput } from '../../../shared/run-input.ts';
import { failureOf } from '../../support/failure-of.ts';
import { FakeHost } from '../../support/fake-host.ts';
import { drive, inputFor } from './step-driver.ts';

const HOME = '/srv/node1/cassandra-5.0.8';
const YAML = `${HOME}/conf/cassandra.yaml`;
const JAR = `${HOME}/lib/apache-cassandra-5.0.8.jar`;

describe('only-stale', () => {
  let host: FakeHost;
  const input = inputFor('restart-stale', '/srv/node1');
  const run = (given: Partial<RunInput> = {}) => {
    const ofRun = { ...input, ...given };
    return drive(recipes[ofRun.recipe](ofRun), { host, input: ofRun });
  };
  const later = (): number => host.nowMs() + 1;

  beforeEach(async () => {
    host = new FakeHost();
    host.files.set(`${HOME}/bin/cassandra`, '');
    for (const [path, text] of host.packed) host.files.set(`${HOME}/${path}`, text);
    host.zipped.set(JAR, Buffer.alloc(0));
    await run({ recipe: 'configure' });
    host.done.length = 0;
  });

  it('leaves a node running that runs with what is there, asks nobody, and says why', async () => {
    const { events } = await run();
    expect(host.done).to.deep.equal([]);
    expect(events.filter(({ changes }) => changes)).to.deep.equal([]);
    const [told] = events.filter(({ subtype }) => subtype === 'not-stale');
    expect(told?.message).to.contain('left running');
    expect(told?.after?.['started-on']).to.be.a('string');
    expect(events.find(({ subtype }) => subtype === 'gate-passed')).to.equal(undefined);
  });

  for (const path of [YAML, JAR])
    it(`restarts one whose ${path} has changed since, and names it`, async () => {
      host.changed.set(path, later());
      const { events } = await run();
      expect(host.done).to.deep.equal(['stop native transport', 'drain', 'SIGTERM', 'spawn']);
      const [told] = events.filter(({ subtype }) => subtype === 'stale');
      expect(told?.after?.['files']).to.deep.equal([path]);
    });

  it('restarts one whose configuration is where a link leads that was switched to older files', async () => {
    const other = '/srv/other/conf';
    for (const [path, text] of [...host.files])
      if (path.startsWith(`${HOME}/conf/`)) host.files.set(path.replace(`${HOME}/conf`, other), text);
    host.realDirectory = async (path) => (path === `${HOME}/conf` ? other : null);
    await run();
    expect(host.done).to.deep.equal([]);
    host.changed.set(YAML, later());
    const { events } = await run();
    const [told] = events.filter(({ subtype }) => subtype === 'stale');
    expect(told?.after?.['files']).to.deep.equal([`${other}/cassandra.yaml`]);
  });

  const RACKDC = `${HOME}/conf/cassandra-rackdc.properties`;
  const remove = async (path: string): Promise<void> => {
    host.files.delete(path);
    host.changed.delete(path);
    host.changed.set(`${HOME}/conf`, later());
  };

  it('restarts one that has read a file which is gone, and says that it is', async () => {
    await remove(RACKDC);
    const { events } = await run();
    expect(host.done).to.include.members(['SIGTERM', 'spawn']);
    const [told] = events.filter(({ subtype }) => subtype === 'stale');
    expect(told?.after?.['files']).to.deep.equal([RACKDC]);
    expect(told?.message).to.contain(`${RACKDC} (gone)`);
  });

  it('takes a file for stale no more once a node was started without it, nor one that never was there', async () => {
    await remove(RACKDC);
    await host.wait(10);
    await run();
    host.done.length = 0;
    await run();
    host.changed.set(`${HOME}/conf`, later());
    host.files.delete('/srv/node1/run/pushed.json');
    await run();
    expect(host.done).to.deep.equal([]);
  });

  it('does not stop one whose cassandra.yaml is gone: it would not start again', async () => {
    await remove(YAML);
    const summary = inputFor('check', '/srv/node1', { dryRun: { of: 'restart', onlyStale: true } });
    for (const ofRun of [input, summary])
      expect(await failureOf(drive(recipes[ofRun.recipe](ofRun), { host, input: ofRun }))).to.include({
        subtype: 'config-file-missing',
        resource: YAML,
      });
    expect(host.done).to.deep.equal([]);
  });

  it('tells a check of a file that is gone', async () => {
    const installed = JSON.stringify({ product: 'cassandra', version: '5.0.8' });
    host.files.set('/srv/node1/installed.json', installed);
    await remove(RACKDC);
    const { events } = await run({ recipe: 'check' });
    const last = events.at(-1);
    expect(last?.after?.['changed-since-start']).to.deep.equal([RACKDC]);
    expect(last?.message).to.contain(`was started before these changed: ${RACKDC} (gone)`);
  });

  it('starts one that does not run', async () => {
    host.running = null;
    const { events } = await run();
    expect(host.done).to.deep.equal(['spawn']);
    expect(events.map(({ subtype }) => subtype)).to.include('stale');
  });

  it('is said to start one that does not run, by a look beforehand', async () => {
    host.running = null;
    host.files.set('/srv/node1/installed.json', JSON.stringify({ product: 'cassandra', version: '5.0.8' }));
    const dryRun = { of: 'restart', onlyStale: true } as const;
    const look = inputFor('check', '/srv/node1', { dryRun });
    const { events } = await drive(recipes.check(look), { host, input: look });
    expect(events.at(-1)?.message).to.equal('The database node does not run, and would be started');
  });

  it('does not stop a node whose files change only after it was looked at: nobody was asked for leave', async () => {
    const onEvent = ({ subtype }: { subtype: string }): void => {
      if (subtype === 'not-stale') host.changed.set(YAML, later());
    };
    await drive(recipes['restart-stale'](input), { host, input, onEvent });
    expect(host.done).to.deep.equal([]);
  });

  it('stops a node by a configure that changes a file, and by none that does not', async () => {
    await run({ recipe: 'configure-stale' });
    expect(host.done).to.deep.equal([]);
    const profile = { 'cassandra-yaml': { concurrent_reads: 17 } };
    const { events } = await run({ recipe: 'configure-stale', profile });
    expect(host.done).to.include.members(['SIGTERM', 'spawn']);
    expect(events.find(({ subtype }) => subtype === 'stale')?.after?.['files']).to.deep.equal([YAML]);
  });

  it('stops by a configure what an earlier one has written and not restarted', async () => {
    const profile = { 'cassandra-yaml': { concurrent_reads: 17 } };
    await host.wait(1);
    await drive(recipes.configure(input).slice(0, 3), { host, input: { ...input, profile } });
    host.done.length = 0;
    await run({ recipe: 'configure-stale', profile });
    expect(host.done).to.include('SIGTERM');
  });
});
