// The talk on the way to root, piece by piece as a network may cut it, and what may be told of what a host said.
import { execFile } from 'node:child_process';
import { expect } from 'chai';
import {
  afterBegun,
  type Become,
  BecomeTalk,
  becomeLine,
  quote,
  scriptLine,
} from '../../../coordinator/bootstrap/become.ts';
import { BootstrapFault, quoted } from '../../../coordinator/bootstrap/fault.ts';
import { INSTALL, LOOK } from '../../../coordinator/bootstrap/scripts.ts';

const sudo: Become = { mode: 'sudo', user: 'root', password: 'canary' };
const su: Become = { ...sudo, mode: 'su' };
const PROMPT = '[ringmaster wants the password]';

describe('becoming root', () => {
  const talk = (become: Become, pieces: readonly (readonly ['stdout' | 'stderr', string])[]) => {
    const listener = new BecomeTalk(become);
    return pieces.map(([from, text]) => listener.hear(from, text));
  };

  it('sends the password once it is asked for, and the rest once the script has begun', () => {
    const [half, other] = [PROMPT.slice(0, 9), PROMPT.slice(9)];
    expect(
      talk(sudo, [
        ['stderr', half],
        ['stderr', other],
        ['stdout', 'ringmaster-be'],
        ['stdout', 'gun\n'],
        ['stderr', PROMPT],
      ]),
    ).to.deep.equal(['wait', 'send-password', 'wait', 'begun', 'wait']);
  });

  it('sends it no second time', () => {
    expect(
      talk(sudo, [
        ['stderr', PROMPT],
        ['stderr', `\nSorry, try again.\n${PROMPT}`],
        ['stderr', PROMPT],
      ]),
    ).to.deep.equal(['send-password', 'password-refused', 'wait']);
    expect(talk({ ...su, password: null }, [['stderr', 'Password: ']])).to.deep.equal(['password-wanted']);
  });

  it('tells nobody who only asks for one', () => {
    const direct: Become = { ...sudo, mode: 'direct' };
    expect(talk(direct, [['stderr', `Password: ${PROMPT}`]])).to.deep.equal(['wait']);
    expect(talk(sudo, [['stderr', 'Password: ']])).to.deep.equal(['wait']);
    expect(talk(sudo, [['stdout', PROMPT]])).to.deep.equal(['wait']);
  });

  it('takes a banner that only looks like the beginning for what it is', () => {
    expect(talk(sudo, [['stdout', 'say ringmaster-begun\n']])).to.deep.equal(['wait']);
    expect(afterBegun('Welcome\nringmaster-begun\nuid 0\nringmaster-begun\n')).to.equal(
      'uid 0\nringmaster-begun\n',
    );
  });

  it('finds what it waits for however it is cut, and looks at nothing twice', () => {
    for (const ending of ['\n', '\r\n']) {
      const said = `hello\nringmaster-begun${ending}`;
      const steps = talk(
        sudo,
        [...said].map((letter) => ['stdout', letter] as const),
      );
      expect(steps.indexOf('begun')).to.equal(said.length - 1);
    }
    const prompts = [...`a lecture ${PROMPT}\n${PROMPT}`].map((letter) => ['stderr', letter] as const);
    expect(talk(sudo, prompts).filter((step) => step !== 'wait')).to.deep.equal([
      'send-password',
      'password-refused',
    ]);
    const inPieces = [
      ['stderr', 'PASS'],
      ['stderr', 'word:'],
      ['stderr', ' '],
      ['stdout', '\nringmaster-begun\n'],
    ] as const;
    expect(talk(su, inPieces)).to.deep.equal(['wait', 'send-password', 'wait', 'begun']);
  });

  it('gives up on who greets without an end', () => {
    const line = 'a line of a message of the day\n'.repeat(1_000);
    expect(
      talk(sudo, [
        ['stdout', line],
        ['stderr', line],
        ['stdout', line],
        ['stdout', line],
      ]),
    ).to.deep.equal(['wait', 'wait', 'too-much', 'wait']);
  });

  it('has no secret in its line, and quotes what it is given', () => {
    for (const become of [sudo, su]) expect(becomeLine(become, 'true')).to.not.include('canary');
    expect(becomeLine({ ...sudo, user: "o'brien; reboot" }, 'true')).to.include(
      `-u 'o'"'"'brien; reboot' -- 'sh' '-c'`,
    );
    expect(quote("it's")).to.equal(`'it'"'"'s'`);
  });

  it('has nothing in its line that some shell takes for more than it is to sh: newlines, history, escapes within quotes', () => {
    for (const script of [LOOK, INSTALL, String.raw`echo '!\\\''`])
      for (const become of [sudo, su])
        expect(becomeLine(become, script, ["it's"])).to.not.match(/[\n!]|\\[\\']/);
  });

  it('has a script run as it is written, with its arguments and what it is to read', async () => {
    const script = `set -e\n[ ! -e /nowhere ] && echo "$1 \\$2\\\\ 'q'"\ncat; exit 3`;
    const ended = await new Promise((resolve) => {
      const shell = execFile('sh', ['-c', scriptLine(script, ["it's", 'b  c'])], (error, stdout) =>
        resolve({ code: error?.code, stdout }),
      );
      shell.stdin?.end('what it reads\n');
    });
    expect(ended).to.deep.equal({
      code: 3,
      stdout: "ringmaster-begun\nit's $2\\ 'q'\nwhat it reads\n",
    });
  });
});

describe('what a host said', () => {
  it('is told on one line, short, and without what it was told', () => {
    expect(quoted('no\n\u001b[31mpassword canary\r\n', ['canary', null, ''])).to.equal(
      'no [31mpassword ********',
    );
    expect(quoted('canary and canary 2\u202e', ['canary', 'canary 2'])).to.equal('******** and ********');
    expect(quoted(`${'x'.repeat(1_000)} the end`, []))
      .to.have.length(401)
      .and.match(/^…x+ the end$/);
  });

  it('is in a fault on one line and of a bounded length, whoever makes it', () => {
    const { message } = new BootstrapFault('timeout', `no\u0000\nanswer ${'x'.repeat(10_000)}`);
    expect(message)
      .to.have.length(2_001)
      .and.match(/^no answer x+…$/);
  });
});
