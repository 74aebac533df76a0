// A node's key is made on the node, and an enrolled agent never loads what makes it.
import { execFile } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { extname } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { createKeyAndRequest } from '../../../agent/identity/key-and-request.ts';

const run = promisify(execFile);

describe('createKeyAndRequest', () => {
  it('makes a new P-256 key each time and keeps it out of the request', async () => {
    const [one, other] = [await createKeyAndRequest(), await createKeyAndRequest()];
    const key = createPrivateKey(one.privateKeyPem);
    expect(key.asymmetricKeyDetails?.namedCurve).to.equal('prime256v1');
    expect(one.privateKeyPem).not.to.equal(other.privateKeyPem);
    expect(one.csrPem)
      .to.match(/^-----BEGIN CERTIFICATE REQUEST-----/)
      .and.not.include('PRIVATE');
  });

  it('is not paid for by an agent that has its identity', async () => {
    const folder = new URL('../../../agent/identity/', import.meta.url).href;
    const kind = extname(import.meta.url);
    const script = `
      await import('${folder}key-and-request${kind}');
      await import('${folder}identity-store${kind}');
      console.log(typeof Reflect.getMetadata);`;
    const { stdout } = await run(process.execPath, [
      ...process.execArgv,
      '--input-type=module',
      '-e',
      script,
    ]);
    expect(stdout.trim()).to.equal('undefined'); // reflect-metadata would have put it there
  });
});
