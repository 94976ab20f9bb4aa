import type { ServerHttp2Session } from 'node:http2';

/** The open HTTP/2 connections of a server. */
export class Connections {
  readonly #open = new Set<ServerHttp2Session>();

  add(connection: ServerHttp2Session): void {
    this.#open.add(connection);
    connection.once('close', () => this.#open.delete(connection));
  }

  /**
   * Sends GOAWAY on each connection, which then takes no new streams and ends with its last one. Resolves when all have ended. Connections
   * that are open after the grace period are destroyed.
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
