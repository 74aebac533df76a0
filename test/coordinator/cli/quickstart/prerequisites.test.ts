// What the quickstart does about a Java or a Maven that is missing.
import { expect } from 'chai';
import {
  decidePrerequisites,
  ensurePrerequisites,
  parseJava,
} from '../../../../coordinator/cli/quickstart/prerequisites.ts';

const settings = (home: string, version: string) => `Property settings:
    java.home = ${home}
    java.specification.name = Java Platform API Specification
    java.specification.version = ${version}
    java.vm.specification.version = ${version}

openjdk version "${version}.0.15" 2025-04-15
`;

const java17 = { majorVersion: 17, home: '/jvm/17' };

describe('prerequisites', () => {
  it("reads the version and the home from Java's own words", () => {
    expect(parseJava(settings('/usr/lib/jvm/java-17', '17'))).to.deep.equal({
      majorVersion: 17,
      home: '/usr/lib/jvm/java-17',
    });
  });

  it('reads the old way of counting, where 8 was 1.8', () => {
    expect(parseJava(settings('/jvm/8', '1.8'))?.majorVersion).to.equal(8);
  });

  it('takes anything else for no Java', () => {
    expect(parseJava('The program java can be found in the following packages:')).to.equal(null);
    expect(parseJava('')).to.equal(null);
  });

  it('does nothing when all is there, whoever runs it', () => {
    const found = { java: java17, hasMaven: true };
    for (const isRoot of [true, false]) {
      expect(decidePrerequisites(found, { isRoot, hasAptGet: false })).to.deep.equal({ do: 'nothing' });
    }
  });

  it('installs only what is missing when it is root on a system with apt-get', () => {
    const root = { isRoot: true, hasAptGet: true };
    expect(decidePrerequisites({ java: java17, hasMaven: false }, root)).to.deep.equal({
      do: 'install-packages',
      packages: ['maven'],
    });
    expect(decidePrerequisites({ java: null, hasMaven: false }, root)).to.deep.equal({
      do: 'install-packages',
      packages: ['openjdk-17-jre-headless', 'maven'],
    });
  });

  it('does not take another Java for Java 17', () => {
    const found = { java: { majorVersion: 21, home: '/jvm/21' }, hasMaven: true };
    expect(decidePrerequisites(found, { isRoot: true, hasAptGet: true })).to.deep.equal({
      do: 'install-packages',
      packages: ['openjdk-17-jre-headless'],
    });
  });

  it('says in one line what to install when it may not do it itself', () => {
    const found = { java: null, hasMaven: false };
    expect(decidePrerequisites(found, { isRoot: false, hasAptGet: true })).to.deep.equal({
      do: 'refuse',
      message: 'Java 17 and Maven not found; run as root: apt-get install openjdk-17-jre-headless maven',
    });
    expect(decidePrerequisites(found, { isRoot: true, hasAptGet: false })).to.have.property('do', 'refuse');
  });

  it('finds the Java and the Maven of this machine', async () => {
    const said: string[] = [];
    const { javaHome } = await ensurePrerequisites((line) => said.push(line));
    expect(javaHome).to.match(/^\//);
  }).timeout(180_000); // on a machine without them this is an apt-get install
});
