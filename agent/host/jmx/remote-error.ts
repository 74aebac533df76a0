// From an exception that came over JMX to an error here: what was thrown, not what JMX and RMI wrapped around it.
import { isJavaObject, type JavaObject, type JavaValue } from './java-value.ts';
import { JmxError } from './jmx-error.ts';

const WRAPPER = /^(javax\.management\.|java\.rmi\.)/;
const MOST_CAUSES = 8;

const messageOf = (thrown: JavaObject): string | null => {
  const text = thrown.fields['detailMessage'];
  return typeof text === 'string' ? text : null;
};

/** The wrappers keep what they wrap in fields of their own, not in Throwable's. */
function causeOf({ fields }: JavaObject): JavaObject | null {
  for (const name of ['exception', 'runtimeException', 'error', 'detail', 'cause']) {
    const cause = fields[name];
    if (isJavaObject(cause)) return cause;
  }
  return null;
}

export function remoteError(thrown: JavaValue): JmxError {
  if (!isJavaObject(thrown)) return new JmxError('the remote side threw what is no exception');
  let at = thrown;
  for (let wrapped = causeOf(at); WRAPPER.test(at.className) && wrapped !== null && wrapped !== at; ) {
    at = wrapped;
    wrapped = causeOf(at);
  }
  const chain: string[] = [];
  for (let link: JavaObject | null = at; link !== null && chain.length < MOST_CAUSES; ) {
    const message = messageOf(link);
    chain.push(message === null ? link.className : `${link.className}: ${message}`);
    const cause = causeOf(link);
    link = cause === link ? null : cause; // a Throwable without a cause names itself
  }
  return new JmxError(chain.join(' <- '), { remoteClass: at.className, remoteMessage: messageOf(at) });
}
