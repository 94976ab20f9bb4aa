import {
  startServer
} from "../chunks/chunk-EYITII5T.js";
import "../chunks/chunk-T6XY2Q4R.js";
import "../chunks/chunk-Y7F2GMTB.js";
import {
  InvalidArgumentError
} from "../chunks/chunk-GXWSCQCR.js";

// dist/server/spawned.js
import { rmSync } from "node:fs";
process.once("message", (options) => void serve(options));
async function serve({ directory, ...options }) {
  try {
    const server = await startServer(options);
    const stop = async () => {
      await server.close();
      rmSync(directory, { recursive: true, force: true });
      process.exit(0);
    };
    process.once("disconnect", () => void stop());
    process.once("SIGTERM", () => void stop());
    process.on("SIGINT", () => {
    });
    process.send({ addresses: server.addresses });
  } catch (error) {
    process.send({ error: error.message, invalid: error instanceof InvalidArgumentError }, () => process.exit(1));
  }
}
