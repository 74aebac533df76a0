// The choice of the user that the server runs as, and the words when none will do.
import { expect } from 'chai';
import { chooseUser } from '../../../../coordinator/store/embedded/server-user.ts';

const ROOT = 'root:x:0:0:root:/root:/bin/bash';
const POSTGRES = 'postgres:x:101:104:PostgreSQL administrator,,,:/var/lib/postgresql:/bin/bash';
const NOBODY = 'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin';
const ALICE = 'alice:x:1000:1000::/home/alice:/bin/bash';
const passwd = (...lines: string[]): string => `${lines.join('\n')}\n`;

describe('the user of the embedded PostgreSQL', () => {
  it('is postgres before nobody when there is no cluster yet', () => {
    expect(chooseUser(passwd(ROOT, NOBODY, POSTGRES), null)).to.deep.equal({
      name: 'postgres',
      uid: 101,
      gid: 104,
    });
    expect(chooseUser(passwd(ROOT, NOBODY), null).name).to.equal('nobody');
  });

  it('is the owner of the cluster that is there', () => {
    expect(chooseUser(passwd(ROOT, NOBODY, POSTGRES), 65_534).name).to.equal('nobody');
    expect(chooseUser(passwd(ROOT, POSTGRES, ALICE), 1_000).name).to.equal('alice');
  });

  it('is never root, even of files that root restored', () => {
    expect(chooseUser(passwd(ROOT, POSTGRES), 0).name).to.equal('postgres');
    expect(() => chooseUser(passwd(ROOT, 'postgres:x:0:0::/:'), null)).to.throw(
      'set RINGMASTER_DATABASE_URL',
    );
  });

  it('is refused when the owner has no entry, since PostgreSQL would refuse it too', () => {
    expect(() => chooseUser(passwd(ROOT, POSTGRES), 4_242)).to.throw('user id 4242, which has no entry');
  });
});
