// Calls methods of remote Java objects: connections are reused one call after the other, a call beside another opens its own.
import { type CallLimit, limited } from './call-limit.ts';
import type { TakePair } from './java-reader.ts';
import type { JavaValue } from './java-value.ts';
import type { JmxError } from './jmx-error.ts';
import { JrmpWire } from './jrmp-wire.ts';
import { callMessage, type RemoteMethod, type RemoteObject } from './remote-object.ts';

interface Connection {
  host: string;
  port: number;
  wire: JrmpWire;
  isBusy: boolean;
}

/**
 * The objects that a server hands out are not acknowledged (DGCAck), so it keeps them for five minutes at least without the
 * leases of Java's distributed garbage collection. That is enough here: see jmx-client.ts.
 */
export class RmiClient {
  #connections: Connection[] = [];
  #closed: JmxError | null = null;

  /** @param take gets the pairs of a map, if that is what is returned, as they come; null: the map has them. @throws JmxError */
  async call(
    target: RemoteObject,
    method: RemoteMethod,
    args: readonly Buffer[],
    limit: CallLimit,
    take: TakePair | null = null,
  ): Promise<JavaValue> {
    if (this.#closed !== null) throw this.#closed;
    const message = callMessage(target, method, args);
    const connection = this.#idleTo(target) ?? this.#open(target);
    const { wire } = connection;
    const end = (error: JmxError): void => wire.fail(error);
    connection.isBusy = true;
    try {
      return await limited(limit, end, () => wire.call(message, method.returnsValue, take));
    } finally {
      connection.isBusy = false;
    }
  }

  /** Ends all connections; calls under way reject with this error. A last call goes out first where a connection is idle. */
  close(error: JmxError, last: { target: RemoteObject; method: RemoteMethod } | null): void {
    if (this.#closed !== null) return;
    this.#closed = error;
    const goodbye = last === null ? undefined : this.#idleTo(last.target);
    if (last !== null) goodbye?.wire.sayGoodbye(callMessage(last.target, last.method, []));
    for (const connection of this.#connections) if (connection !== goodbye) connection.wire.fail(error);
    this.#connections = [];
  }

  #idleTo({ host, port }: RemoteObject): Connection | undefined {
    this.#connections = this.#connections.filter(({ wire }) => wire.isOpen);
    return this.#connections.find((known) => !known.isBusy && known.host === host && known.port === port);
  }

  #open({ host, port }: RemoteObject): Connection {
    const connection = { host, port, wire: new JrmpWire(host, port), isBusy: false };
    this.#connections.push(connection);
    return connection;
  }
}
