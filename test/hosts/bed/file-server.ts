// An HTTP server of files, such as a repository: what is asked for is read anew each time.
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, normalize } from 'node:path';
import { pipeline } from 'node:stream/promises';

export interface Login {
  username: string;
  password: string;
}

export class FileServer {
  readonly #server: Server;
  readonly url: string;

  private constructor(server: Server) {
    const { address, port } = server.address() as AddressInfo;
    this.#server = server;
    this.url = `http://${address}:${port}`;
  }

  /** @param login without which it shows nothing, by HTTP's basic authentication */
  static async start(directory: string, address: string, login?: Login): Promise<FileServer> {
    const asked = login && `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`;
    const server = createServer((request, response) => {
      if (asked !== undefined && request.headers.authorization !== asked) {
        response.writeHead(401, { 'www-authenticate': 'Basic realm="packages"' }).end();
        return;
      }
      const { pathname } = new URL(request.url ?? '/', 'http://server');
      const path = join(directory, normalize(decodeURIComponent(pathname)));
      stat(path)
        .then(async (found) => {
          if (!found.isFile()) throw new Error(`${path} is no file`);
          response.setHeader('content-length', found.size);
          await pipeline(createReadStream(path), response);
        })
        .catch(() => {
          if (response.headersSent) response.destroy();
          else response.writeHead(404).end();
        });
    });
    server.listen(0, address);
    await once(server, 'listening');
    return new FileServer(server);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
