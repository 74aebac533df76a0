// What apt is told of a repository, and which of its versions is the product's.
import { expect } from 'chai';
import { isVersionOf, offeredVersions } from '../../../agent/packages/offered-versions.ts';
import { aptSourceOf, credentialsText, sourceLine } from '../../../agent/steps/set-up-repository.ts';
import { inputFor } from '../steps/step-driver.ts';

const told = { manual: false, url: null, keyUrl: null, username: null, dist: 'stable', components: ['main'] };
const input = inputFor('install', '/usr/share/cassandra');

describe('repositories for apt', () => {
  it("are the vendor's own where no URL is told", () => {
    expect(sourceLine(aptSourceOf(input, told))).to.equal(
      'deb [signed-by=/etc/apt/keyrings/opsc.asc] https://debian.cassandra.apache.org 50x main\n',
    );
    expect(aptSourceOf({ ...input, product: 'dse', version: '6.8.50' }, told).url).to.equal(
      'https://debian.datastax.com/enterprise',
    );
  });

  it('have no components where the distribution is a directory', () => {
    const source = aptSourceOf(input, { ...told, url: 'http://mirror.example/apt', dist: './' });
    expect(sourceLine(source)).to.match(/\] http:\/\/mirror\.example\/apt \.\/\n$/);
    expect(source.keyUrl).to.equal('https://downloads.apache.org/cassandra/KEYS');
  });

  it('are given a password for their own scheme, host and path', () => {
    expect(credentialsText('http://mirror.example:8080/apt', 'reader', 'word')).to.equal(
      'machine http://mirror.example:8080/apt login reader password word\n',
    );
  });

  it('offer versions with and without a revision, and none that only begins alike', () => {
    const offered = offeredVersions(
      [
        '  dse-full |   6.8.50-1 | https://debian.example stable/main amd64 Packages',
        '  dse-full |    6.8.5-1 | https://debian.example stable/main amd64 Packages',
        '       dse |   6.8.50-1 | https://debian.example stable/main Sources',
      ].join('\n'),
    );
    expect([...offered]).to.deep.equal([['dse-full', ['6.8.50-1', '6.8.5-1']]]);
    expect(
      ['6.8.50-1', '6.8.50', '6.8.5-1', '6.8.50-beta'].map((one) => isVersionOf(one, '6.8.50')),
    ).to.deep.equal([true, true, false, false]);
  });
});
