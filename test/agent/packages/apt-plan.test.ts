// What apt-get says that it would do is read whole, and whatever an install may not do is objected to.
import { expect } from 'chai';
import { objections, plannedChanges } from '../../../agent/packages/apt-plan.ts';
import { auditedNames, ownerIn, packageStates } from '../../../agent/packages/dpkg-states.ts';

// as apt 2.6 of Debian 12 says it
const SIMULATION = `NOTE: This is only a simulation!
Reading package lists...
The following packages will be REMOVED:
  old-database
The following NEW packages will be installed:
  cassandra java-runtime
Remv old-database [3.11.4]
Inst java-runtime (17.0.15+6-1~deb12u1 Debian:12.11/stable [amd64])
Inst libssl3 [3.0.15-1] (3.0.17-1 Debian:12.11/stable [amd64]) []
Inst cassandra (5.0.8 10.77.0.1 [all])
Conf java-runtime (17.0.15+6-1~deb12u1 Debian:12.11/stable [amd64])
Conf libssl3 (3.0.17-1 Debian:12.11/stable [amd64])
Conf cassandra (5.0.8 10.77.0.1 [all])
Conf left-over (1.0 localhost [all])
`;

const WANTED = new Map([['cassandra', '5.0.8']]);

describe('the plan of apt-get', () => {
  it('tells what would come, change, go and be finished, each once', () => {
    expect(plannedChanges(SIMULATION)).to.deep.equal([
      { do: 'remove', name: 'old-database', from: '3.11.4' },
      { do: 'install', name: 'java-runtime', to: '17.0.15+6-1~deb12u1' },
      { do: 'replace', name: 'libssl3', from: '3.0.15-1', to: '3.0.17-1' },
      { do: 'install', name: 'cassandra', to: '5.0.8' },
      { do: 'configure', name: 'left-over' },
    ]);
  });

  it('is objected to for what it would do to packages that are there', () => {
    expect(objections(plannedChanges(SIMULATION), WANTED, 'stay', new Set())).to.deep.equal([
      'old-database 3.11.4 would be removed',
      'libssl3 3.0.15-1 would be replaced by 3.0.17-1',
      'left-over is half-configured',
    ]);
  });

  it('is objected to when a wanted package would be of another version', () => {
    const changes = plannedChanges('Inst cassandra (5.0.9 10.77.0.1 [all])\n');
    expect(objections(changes, WANTED, 'stay', new Set())).to.deep.equal([
      'cassandra would be 5.0.9, not 5.0.8',
    ]);
  });

  it('may finish a wanted package that an earlier run left half-configured', () => {
    const changes = plannedChanges('Conf cassandra (5.0.8 10.77.0.1 [all])\n');
    expect(objections(changes, WANTED, 'stay', new Set())).to.deep.equal([]);
  });

  it('may finish what an earlier run left half-way of the wanted packages and their dependencies', () => {
    const halfWay = new Set(['cassandra', 'runtime', 'java']);
    const found = (line: string) => objections(plannedChanges(line), WANTED, 'stay', halfWay);
    expect(found('Inst cassandra [5.0.8] (5.0.8 10.77.0.1 [all])\n')).to.deep.equal([]);
    expect(found('Inst runtime [1.0] (1.1 10.77.0.1 [all])\nConf java (17 10.77.0.1 [all])\n')).to.deep.equal(
      [],
    );
    expect(found('Inst cassandra [5.0.8] (5.0.9 10.77.0.1 [all])\n')).to.deep.equal([
      'cassandra 5.0.8 would be replaced by 5.0.9',
    ]);
    expect(found('Inst other [1.0] (1.0 10.77.0.1 [all])\n')).to.deep.equal([
      'other 1.0 would be replaced by 1.0',
    ]);
  });
});

// as dpkg 1.21 says it
const AUDIT = `The following packages are in a mess due to serious problems during
installation.  They must be reinstalled for them (and any packages
that depend on them) to function properly:
 runtime              test package

The following packages are only half configured, probably due to problems
configuring them the first time.  The configuration should be retried using
dpkg --configure <package> or the configure menu option in dselect:
 cassandra            test package
 libssl3:amd64        test package

`;

describe('the package that brought a file', () => {
  it('is the one that dpkg names with it', () => {
    const path = '/etc/cassandra/cassandra.yaml';
    expect(ownerIn(`cassandra: ${path}\n`, path)).to.equal('cassandra');
    expect(
      ownerIn(`diversion by other from: ${path}\ncassandra:amd64, other:amd64: ${path}\n`, path),
    ).to.equal('cassandra');
    expect(ownerIn('cassandra: /etc/cassandra/cassandra.yaml.old\n', path)).to.equal(null);
  });
});

describe('the states that dpkg tells', () => {
  it('are installed, broken or absent, and held or not', () => {
    const output =
      'one\tii \t1.0\ntwo\thi \t2.0-1\nthree\tiF \t3.0\nfour\trc \t4.0\nfive\tun \t\nsix\tiHR\t6.0\n';
    const whole = { isHalfUnpacked: false, isHeld: false };
    expect(Object.fromEntries(packageStates(output))).to.deep.equal({
      one: { ...whole, version: '1.0', is: 'installed' },
      two: { ...whole, version: '2.0-1', is: 'installed', isHeld: true },
      three: { ...whole, version: '3.0', is: 'broken' },
      four: { ...whole, version: '4.0', is: 'absent' },
      five: { ...whole, version: '', is: 'absent' },
      six: { version: '6.0', is: 'broken', isHalfUnpacked: true, isHeld: false },
    });
  });

  it('are of trouble where an audit names them', () => {
    expect(auditedNames(AUDIT)).to.deep.equal(['runtime', 'cassandra', 'libssl3']);
    expect(auditedNames('')).to.deep.equal([]);
  });
});
