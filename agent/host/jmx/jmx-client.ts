// JMX over RMI: reads attributes and invokes operations of a JVM's MBeans without starting a JVM of one's own.

import { type CallLimit, limited } from './call-limit.ts';
import type { TakePair } from './java-reader.ts';
import type { JavaValue } from './java-value.ts';
import {
  type JavaArgument,
  javaObjectName,
  javaString,
  javaStrings,
  javaTypeOf,
  marshalled,
  NULL,
} from './java-writer.ts';
import { JmxError } from './jmx-error.ts';
import { LOOKUP, type RemoteObject, registryAt, remoteMethod, remoteOf } from './remote-object.ts';
import { RmiClient } from './rmi-client.ts';

export interface JmxAddress {
  host: string;
  port: number;
}

/** `withinMs`: that of connecting unless told. `signal` ends this question; the client's own ends all. */
export type QuestionOptions = Partial<CallLimit>;

export interface InvokeOptions extends QuestionOptions {
  /** Gets the pairs of the map that is the answer, which is an empty one then: of one that may be too large to be kept. */
  takePair?: TakePair;
}

export interface JmxClient {
  /** @throws JmxError */
  getAttribute(objectName: string, attribute: string, options?: QuestionOptions): Promise<JavaValue>;
  /**
   * @param args of an operation that takes texts, booleans and arrays of texts
   * @throws JmxError with the remote exception's class and message when it threw
   */
  invoke(
    objectName: string,
    operation: string,
    args?: readonly JavaArgument[],
    options?: InvokeOptions,
  ): Promise<JavaValue>;
  /** Questions under way reject. */
  close(): void;
}

const NO_CREDENTIALS = NULL;
const NEW_CLIENT = remoteMethod('newClient(Ljava/lang/Object;)Ljavax/management/remote/rmi/RMIConnection;');
const CLOSE = remoteMethod('close()V');
const GET_ATTRIBUTE = remoteMethod(
  'getAttribute(Ljavax/management/ObjectName;Ljava/lang/String;Ljavax/security/auth/Subject;)Ljava/lang/Object;',
);
const INVOKE = remoteMethod(
  'invoke(Ljavax/management/ObjectName;Ljava/lang/String;Ljava/rmi/MarshalledObject;[Ljava/lang/String;Ljavax/security/auth/Subject;)Ljava/lang/Object;',
);

/**
 * Finds the JMX server in the registry at this port and opens a client connection. The server closes one that asks nothing for
 * two minutes (jmx.remote.x.server.connection.timeout), and keeps one that asks.
 * @param options its `signal` also ends all later questions
 * @throws JmxError when nothing answers in time, it wants credentials, or what answers is no JMX server
 */
export async function connectJmx(address: JmxAddress, options: CallLimit): Promise<JmxClient> {
  const rmi = new RmiClient();
  const end = (error: JmxError): void => rmi.close(error, null);
  const connection = await limited(options, end, async () => {
    const { host, port } = address;
    const server = remoteOf(
      await rmi.call(registryAt(host, port), LOOKUP, [javaString('jmxrmi')], options),
      host,
    );
    return remoteOf(await rmi.call(server, NEW_CLIENT, [NO_CREDENTIALS], options), host);
  }).catch((error: unknown) => {
    end(new JmxError('the JMX client was not connected'));
    throw error;
  });
  return new ConnectedClient(rmi, connection, options);
}

class ConnectedClient implements JmxClient {
  readonly #rmi: RmiClient;
  readonly #connection: RemoteObject;
  readonly #limit: CallLimit;
  readonly #onAbort: () => void;

  constructor(rmi: RmiClient, connection: RemoteObject, limit: CallLimit) {
    this.#rmi = rmi;
    this.#connection = connection;
    this.#limit = limit;
    this.#onAbort = () =>
      this.#close(new JmxError('the JMX client was aborted', { cause: limit.signal?.reason }));
    if (limit.signal?.aborted) this.#onAbort();
    limit.signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  async getAttribute(
    objectName: string,
    attribute: string,
    options: QuestionOptions = {},
  ): Promise<JavaValue> {
    const args = [javaObjectName(objectName), javaString(attribute), NULL];
    return await this.#rmi.call(this.#connection, GET_ATTRIBUTE, args, this.#limitOf(options));
  }

  async invoke(
    objectName: string,
    operation: string,
    args: readonly JavaArgument[] = [],
    options: InvokeOptions = {},
  ): Promise<JavaValue> {
    const [parameters, signature] =
      args.length === 0 ? [NULL, NULL] : [marshalled(args), javaStrings(args.map(javaTypeOf))];
    return await this.#rmi.call(
      this.#connection,
      INVOKE,
      [javaObjectName(objectName), javaString(operation), parameters, signature, NULL],
      this.#limitOf(options),
      options.takePair,
    );
  }

  close(): void {
    this.#close(new JmxError('the JMX client was closed'));
  }

  #close(error: JmxError): void {
    this.#limit.signal?.removeEventListener('abort', this.#onAbort);
    this.#rmi.close(error, { target: this.#connection, method: CLOSE });
  }

  #limitOf = ({ withinMs, signal }: QuestionOptions): CallLimit => ({
    withinMs: withinMs ?? this.#limit.withinMs,
    signal,
  });
}
