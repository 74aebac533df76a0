// Bringing an agent to a host: what is tried again, which package fits, what the host says of itself, and whether it has room.
import { expect } from 'chai';
import {
  FAULTS,
  type FaultKind,
  fittingPackage,
  nextTry,
  readHostFacts,
  tooLittleRoom,
  whatComes,
} from '../../../coordinator/core/bootstrap.ts';

describe('bringing an agent', () => {
  it('is tried three times where what failed may pass by itself', () => {
    const nexts = (kind: FaultKind) => [1, 2, 3].map((tries) => nextTry(kind, tries, false));
    expect(nexts('timeout')).to.deep.equal(['again', 'again', 'fail']);
    expect(nexts('unreachable')).to.deep.equal(['again', 'again', 'wait']);
  });

  it('is looked at now and then while a host is not reached for the same reason, and tried anew for another', () => {
    expect(nextTry('unreachable', 1, true)).to.equal('wait');
    expect(nextTry('unreachable', 1, false)).to.equal('again');
    expect(nextTry('timeout', 1, true)).to.equal('again');
  });

  it('is waited for where nobody is let in, and what was refused is not sent again by itself', () => {
    const kinds = (next: string) =>
      (Object.keys(FAULTS) as FaultKind[]).filter((kind) => nextTry(kind, 5, false) === next);
    expect(kinds('wait')).to.deep.equal(['unreachable', 'no-package']);
    expect(kinds('change')).to.deep.equal(['no-login', 'bad-key', 'auth-refused']);
    expect(kinds('fail')).to.include.members(['host-key-changed', 'become-refused', 'no-space', 'timeout']);
  });

  it('says which try it was, and what comes', () => {
    const says = (kind: FaultKind, tries: number) =>
      whatComes(kind, tries, nextTry(kind, tries, false), { againMs: 10_000, waitMs: 60_000 });
    expect(says('timeout', 1)).to.equal('. This was try 1 of 3, the next begins in 10 s');
    expect(says('timeout', 3)).to.equal('. This was try 3 of 3');
    expect(says('unreachable', 2)).to.equal('. This was try 2 of 3, the next begins in 10 s');
    expect(says('unreachable', 3)).to.equal(
      '. This was try 3 of 3: the job waits, and looks again every 60 s',
    );
    expect([says('auth-refused', 1), says('host-key-changed', 1), says('no-package', 3)]).to.deep.equal([
      '',
      '',
      '',
    ]);
  });

  describe('takes a package that', () => {
    const names = [
      'ringmaster-agent_0.9.0_amd64.deb',
      'ringmaster-agent_0.10.0_amd64.deb',
      'ringmaster-agent_0.10.0.1_amd64.deb',
      'ringmaster-agent_0.11.0_arm64.deb',
      'ringmaster-agent-0.10.0-1.x86_64.rpm',
      'ringmaster-coordinator_1.0.0_amd64.deb',
      'ringmaster-agent_1.0.0_amd64.deb.sha256',
    ];
    const fits = (format: 'deb' | 'rpm', machine: string) => fittingPackage(names, { format, machine });

    it('is of the format and the machine of the host, and of those the newest', () => {
      expect(fits('deb', 'x86_64')).to.equal('ringmaster-agent_0.10.0.1_amd64.deb');
      expect(fits('deb', 'aarch64')).to.equal('ringmaster-agent_0.11.0_arm64.deb');
      expect(fits('rpm', 'x86_64')).to.equal('ringmaster-agent-0.10.0-1.x86_64.rpm');
    });

    it('is the first of those that are as new', () => {
      const same = ['ringmaster-agent_1_amd64.deb', 'ringmaster-agent_1.0_amd64.deb'];
      expect(fittingPackage(same, { format: 'deb', machine: 'x86_64' })).to.equal(same[0]);
    });

    it('is there at all', () => {
      expect(fits('rpm', 'aarch64')).to.equal(null);
      expect(fits('deb', 's390x')).to.equal(null);
    });

    it('is of the same name whatever order the directory is read in', () => {
      expect(fittingPackage([...names].reverse(), { format: 'deb', machine: 'x86_64' })).to.equal(
        'ringmaster-agent_0.10.0.1_amd64.deb',
      );
    });
  });

  describe('reads of a host', () => {
    it('what it said of itself', () => {
      const text =
        'uid 0\nmachine x86_64\nsystemd yes\nformat deb\nagent 0.1.0\nnode not enrolled\nfree-usr 1048576\nfree-upload 2048\n';
      expect(readHostFacts(text)).to.deep.equal({
        uid: 0,
        machine: 'x86_64',
        hasSystemd: true,
        unmask: null,
        format: 'deb',
        agentVersion: '0.1.0',
        enrolledAs: null,
        certificate: null,
        freeKib: { usr: 1_048_576, upload: 2_048 },
      });
      expect(readHostFacts('format rpm\nnode 0f9e\r\ncertificate -----BEGIN\\nMII\n')).to.include({
        format: 'rpm',
        enrolledAs: '0f9e',
        certificate: '-----BEGIN\\nMII',
      });
    });

    it('what allows its agent to be started, where that was masked', () => {
      expect(readHostFacts('service masked\n').unmask).to.equal('unmask');
      expect(readHostFacts('service masked-runtime\n').unmask).to.equal('unmask --runtime');
      expect(readHostFacts('service enabled\n').unmask).to.equal(null);
    });

    it('nothing that it did not say', () => {
      expect(readHostFacts('Welcome to host1\nformat tar\nfree-usr \n')).to.deep.equal({
        uid: -1,
        machine: 'unknown',
        hasSystemd: false,
        unmask: null,
        format: null,
        agentVersion: null,
        enrolledAs: null,
        certificate: null,
        freeKib: { usr: null, upload: null },
      });
    });
  });

  describe('finds too little room', () => {
    const MIB = 1_024 * 1_024;
    const room = (usrMib: number | null, uploadMib: number | null) =>
      tooLittleRoom(
        40 * MIB,
        readHostFacts(
          `free-usr ${usrMib === null ? '' : usrMib * 1_024}\nfree-upload ${uploadMib === null ? '' : uploadMib * 1_024}\n`,
        ),
      );

    it('where the upload does not fit, or what is unpacked does not', () => {
      expect(room(1_000, 39)).to.deep.equal({ place: '/var/tmp', freeMib: 39, neededMib: 41 });
      expect(room(159, 1_000)).to.deep.equal({ place: '/usr', freeMib: 159, neededMib: 161 });
    });

    it('only where a host has told', () => {
      expect(room(160, 40)).to.equal(null);
      expect(room(null, null)).to.equal(null);
    });
  });
});
