import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';

/** A server of an Express application, on a free port. */
export class HttpServer implements AsyncDisposable {
  private constructor(
    private readonly server: ReturnType<Express['listen']>,
    readonly url: string,
  ) {}

  static async of(app: Express): Promise<HttpServer> {
    const server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new HttpServer(server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}
