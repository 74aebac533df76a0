// What a call over JMX is made of (compared with a JDK's own), what its exceptions become, and gossip's words.
import { expect } from 'chai';
import { gossipedStatuses, sameAddress } from '../../../../agent/host/jmx/gossip-status.ts';
import type { JavaObject, JavaValue } from '../../../../agent/host/jmx/java-value.ts';
import { javaObjectName, javaString, NULL } from '../../../../agent/host/jmx/java-writer.ts';
import { remoteError } from '../../../../agent/host/jmx/remote-error.ts';
import {
  callMessage,
  LOOKUP,
  registryAt,
  remoteMethod,
  remoteOf,
} from '../../../../agent/host/jmx/remote-object.ts';

const object = (className: string, fields: Record<string, JavaValue> = {}): JavaObject => ({
  className,
  fields,
  annotation: [],
});

describe('a call over RMI', () => {
  it('looks the JMX server up with the bytes that a JDK 17 sends', () => {
    expect(callMessage(registryAt('h', 1), LOOKUP, [javaString('jmxrmi')]).toString('hex')).to.equal(
      'aced00057722000000000000000000000000000000000000000000000000000244154dc9d4e63bdf7400066a6d78726d69',
    );
  });

  it('reads an attribute with the bytes that a JDK 17 sends', () => {
    const target = {
      ...registryAt('h', 1),
      objectId: Buffer.from('3c0cb82ca2bc96d446cad07c000001a20b814d338012', 'hex'),
    };
    const method = remoteMethod(
      'getAttribute(Ljavax/management/ObjectName;Ljava/lang/String;Ljavax/security/auth/Subject;)Ljava/lang/Object;',
    );
    const message = callMessage(target, method, [javaObjectName('t:type=Thing'), javaString('Text'), NULL]);
    expect(message.toString('hex')).to.equal(
      'aced000577223c0cb82ca2bc96d446cad07c000001a20b814d338012fffffffff0e0500a394d72157372001b6a617661782e6d616e61676' +
        '56d656e742e4f626a6563744e616d650f03a71beb6d15cf03000070787074000c743a747970653d5468696e677874000454657874' +
        '70',
    );
  });

  it('knows methods that return nothing', () => {
    expect(remoteMethod('close()V')).to.deep.equal({
      operation: -1,
      hash: BigInt.asIntN(64, 0xbe2e5bc7809d0dccn),
      returnsValue: false,
    });
  });
});

describe('a stub', () => {
  const block = (kind: string, ...rest: readonly number[]): JavaValue => ({
    ...object('stub'),
    annotation: [Buffer.concat([Buffer.from([0, kind.length]), Buffer.from(kind), Buffer.from(rest)])],
  });
  const endpoint = [0, 1, 0x68, 0, 0, 0x1c, 0x1f, ...Array.from({ length: 22 }, (_, at) => at), 1];

  it('is read in both of its forms, behind a proxy too', () => {
    expect(remoteOf(block('UnicastRef', ...endpoint), 'h').port).to.equal(7199);
    const second = remoteOf(block('UnicastRef2', 0, ...endpoint), 'h');
    expect(second.port).to.equal(7199);
    expect([...second.objectId]).to.deep.equal(Array.from({ length: 22 }, (_, at) => at));
    expect(remoteOf(object('proxy', { h: block('UnicastRef2', 0, ...endpoint) }), 'h')).to.deep.equal(second);
  });

  it('is refused when it wants TLS, is of another kind, or is none', () => {
    expect(() => remoteOf(block('UnicastRef2', 1, ...endpoint), 'h')).to.throw(
      'JMX over TLS is not spoken here',
    );
    expect(() => remoteOf(block('ActivatableRef'), 'h')).to.throw('of an unknown kind');
    expect(() => remoteOf(block('UnicastRef', 0), 'h')).to.throw('cannot be read');
    expect(() => remoteOf('a string', 'h')).to.throw('a remote object was expected');
  });
});

describe('an exception over JMX', () => {
  it('is named without the wrappers around it, causes in order', () => {
    const deep = object('java.io.IOException', { detailMessage: 'disk full' });
    const thrown = object('java.lang.IllegalStateException', { detailMessage: 'cannot drain', cause: deep });
    const error = remoteError(object('javax.management.RuntimeMBeanException', { runtimeException: thrown }));
    expect(error.remoteClass).to.equal('java.lang.IllegalStateException');
    expect(error.remoteMessage).to.equal('cannot drain');
    expect(error.message).to.equal(
      'java.lang.IllegalStateException: cannot drain <- java.io.IOException: disk full',
    );
  });

  it('may have neither message nor cause, or name itself as its cause', () => {
    const alone = object('java.lang.NullPointerException', { detailMessage: null });
    alone.fields['cause'] = alone;
    const error = remoteError(alone);
    expect(error.message).to.equal('java.lang.NullPointerException');
    expect(error.remoteMessage).to.equal(null);
  });
});

describe("an endpoint's state in gossip", () => {
  it('tells its status in the form of 3.x and in those of 4.0 on', () => {
    expect(
      gossipedStatuses('  generation:1\n  heartbeat:2\n  STATUS:14:NORMAL,-92\n  LOAD:9:1.0\n'),
    ).to.deep.equal(['NORMAL']);
    expect(
      gossipedStatuses('  STATUS:20:shutdown,true\n  STATUS_WITH_PORT:19:NORMAL,-92\n  HOST_ID:3:x\n'),
    ).to.deep.equal(['shutdown', 'NORMAL']);
    expect(gossipedStatuses('  STATUS:LEAVING,-92\n')).to.deep.equal(['LEAVING']); // before 2.2
    expect(gossipedStatuses('unknown endpoint /127.0.0.9')).to.deep.equal([]);
  });

  it('is looked for by the address, however IPv6 is written', () => {
    expect(sameAddress('0:0:0:0:0:0:0:1', '::1')).to.equal(true);
    expect(sameAddress('fe80:0:0:0:0:0:0:1%eth0', 'fe80::1')).to.equal(true);
    expect(sameAddress('10.0.0.1', '10.0.0.1')).to.equal(true);
    expect(sameAddress('10.0.0.1', '10.0.0.10')).to.equal(false);
    expect(sameAddress('::1', '::2')).to.equal(false);
  });
});
