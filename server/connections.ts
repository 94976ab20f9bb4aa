import type { ServerHttp2Session } from 'node:http2';

/** The HTTP/2 connections of a server, to end them in order. */
export class Connections {
  readonly #open = new Set<ServerHttp2Session>();

  add(connection: ServerHttp2Session): void {
    this.#open.add(connection);
    connection.once('close', () => this.#open.delete(connection));
  }

  /**
   * Sends GOAWAY: each connection takes no new streams, and ends with its last one. Resolves when all have ended;
   * those that have not after the grace are cut.
   */
  async close(graceMs: number): Promise<void> {
    const ended = [...this.#open].map((connection) => new Promise<void>((resolve) => connection.once('close', resolve)));
    for (const connection of this.#open) connection.close();
    const timer = setTimeout(() => {
      for (const connection of this.#open) connection.destroy();
    }, graceMs);
    await Promise.all(ended);
    clearTimeout(timer);
  }
}
