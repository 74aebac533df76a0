// What dnf and rpm say is read whole, and whatever an install may not do is objected to.
import { expect } from 'chai';
import { formerVersions, rpmChanges, rpmObjections } from '../../../agent/packages/dnf-plan.ts';
import { configDigests, offeredRpms, rpmPairs, rpmStates } from '../../../agent/packages/rpm-states.ts';
import { rpmRepositoryText } from '../../../agent/steps/set-up-repository.ts';

// as dnf 4.14 says it
const PLAN = `Last metadata expiration check: 0:00:02 ago on Sat Nov 28 15:02:23 2026.
Dependencies resolved.
================================================================================
 Package          Architecture       Version             Repository        Size
================================================================================
Installing:
 ring             noarch             1.1-1               opsc             5.6 k
     replacing  old-ring.noarch 1:0.9-1
     replacing  ring-tools.x86_64 0.9-1
Installing dependencies:
 a-package-whose-name-takes-the-whole-of-a-line
                  noarch             2.0-1               opsc             5.6 k
Upgrading:
 lib              noarch             2.0-1               opsc             5.6 k
Removing dependent packages:
 old-lib          noarch             0.9-1               @System          5.6 k

Transaction Summary
================================================================================
Install  2 Packages
Operation aborted.
`;

const NONE: ReadonlyMap<string, string> = new Map();

describe('the plan of dnf', () => {
  it('tells what would come, change and go', () => {
    expect(rpmChanges(PLAN)).to.deep.equal([
      { heading: 'Installing', name: 'ring', version: '1.1-1' },
      { heading: 'Removing', name: 'old-ring', version: '1:0.9-1' },
      { heading: 'Removing', name: 'ring-tools', version: '0.9-1' },
      {
        heading: 'Installing dependencies',
        name: 'a-package-whose-name-takes-the-whole-of-a-line',
        version: null,
      },
      { heading: 'Upgrading', name: 'lib', version: '2.0-1' },
      { heading: 'Removing dependent packages', name: 'old-lib', version: '0.9-1' },
    ]);
  });

  it('is objected to for what it would do to packages that are there, or would leave out', () => {
    expect(rpmObjections(rpmChanges(PLAN), NONE, 'stay')).to.deep.equal([
      'old-ring 1:0.9-1 would be removed',
      'ring-tools 0.9-1 would be removed',
      'lib 2.0-1 would take the place of another',
      'old-lib 0.9-1 would be removed',
    ]);
    const lib = rpmChanges(PLAN).find(({ name }) => name === 'lib');
    const upgraded = (version: string) =>
      rpmObjections(lib === undefined ? [] : [lib], new Map([['lib', version]]), 'are-replaced');
    expect([upgraded('2.0-1'), upgraded('2.0-2')]).to.deep.equal([
      [],
      ['lib 2.0-1 would take the place of another'],
    ]);
    const skipped = { heading: 'Skipping packages with conflicts', name: 'ring', version: '1.1-1' };
    expect(rpmObjections([skipped], NONE, 'stay')).to.deep.equal([
      'Skipping packages with conflicts: ring 1.1-1',
    ]);
  });
});

describe('what rpm and dnf know of packages', () => {
  it('is the digests of their configuration files', () => {
    const dump = `/etc/cassandra/default.conf/cassandra.yaml 40 1764300000 ${'ab'.repeat(32)} 0100644 root root 1 0 0 X
/etc/cassandra/default.conf/two words 40 1764300000 ${'cd'.repeat(16)} 0100644 root root 1 0 0 X
(contains no files)
package ring is not installed
`;
    expect(Object.fromEntries(configDigests(dump))).to.deep.equal({
      '/etc/cassandra/default.conf/cassandra.yaml': 'ab'.repeat(32),
      '/etc/cassandra/default.conf/two words': 'cd'.repeat(16),
    });
  });

  it('is their versions with the release, the newest first', () => {
    expect(Object.fromEntries(rpmStates('lib\t1.0-1\npackage ring is not installed\n'))).to.deep.equal({
      lib: { version: '1.0-1', is: 'installed', isHalfUnpacked: false, isHeld: false },
    });
    expect(rpmStates('lib\t1.0-1\nlib\t1.1-1\n').get('lib')?.is).to.equal('broken');
    expect(rpmPairs('file /etc/none is not owned by any package\n')).to.deep.equal([]);
    expect([...offeredRpms('ring\t1.0-1\n\nring\t1.1-1\n\n')]).to.deep.equal([['ring', ['1.1-1', '1.0-1']]]);
  });

  it('comes from a repository whose packages have to be signed', () => {
    expect(rpmRepositoryText('https://packages.example/', 'me', 'hush').split('\n')).to.include.members([
      'baseurl=https://packages.example/',
      'gpgcheck=1',
      'gpgkey=file:///etc/pki/rpm-gpg/RPM-GPG-KEY-opsc',
      'username=me',
      'password=hush',
    ]);
    expect(rpmRepositoryText('https://packages.example/', 'me', null)).to.not.contain('username');
  });

  it('lets former versions go in an order in which rpm takes it: companions before what they need', () => {
    const wanted = new Map([
      ['cassandra', '5.0.8-1'],
      ['cassandra-tools', '5.0.8-1'],
    ]);
    const present = [
      ['cassandra', '5.0.7-1'],
      ['cassandra', '5.0.8-1'],
      ['cassandra-tools', '5.0.7-1'],
      ['cassandra-tools', '5.0.8-1'],
    ] as const;
    expect(formerVersions(present, wanted, ['cassandra-tools'])).to.deep.equal([
      ['cassandra-tools', '5.0.7-1'],
      ['cassandra', '5.0.7-1'],
    ]);
  });
});
