// Where a database node says on its command line that it listens for JMX.
import { expect } from 'chai';
import { jmxPortIn } from '../../../agent/host/own-jmx.ts';

describe('the JMX port of a command line', () => {
  for (const [what, words, port] of [
    ['for this machine alone', ['java', '-Dcassandra.jmx.local.port=7199', '-cp', 'x'], 7199],
    [
      'for others too',
      ['-Dcassandra.jmx.remote.port=7299', '-Dcom.sun.management.jmxremote.rmi.port=9'],
      7299,
    ],
    ['of an older env file', ['-Dcom.sun.management.jmxremote.port=7399'], 7399],
    ['that is given twice', ['-Dcassandra.jmx.local.port=1', '-Dcassandra.jmx.local.port=2'], 2],
    [
      'for others where there is one for this machine too',
      ['-Dcassandra.jmx.remote.port=7299', '-Dcassandra.jmx.local.port=7199'],
      7299,
    ],
    ['that is none', ['-Dcassandra.jmx.local.port=', 'x-Dcassandra.jmx.local.port=7', '-Dother=7199'], null],
  ] as const)
    it(`is that ${what}`, () => {
      expect(jmxPortIn(words)).to.equal(port);
    });
});
