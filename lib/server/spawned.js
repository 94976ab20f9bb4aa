import {
  startServer
} from "../chunks/chunk-DUC54A7M.js";
import "../chunks/chunk-OKQD6GUA.js";
import "../chunks/chunk-XLRFQOWC.js";
import "../chunks/chunk-FM4B56PX.js";

// dist/server/spawned.js
process.once("message", (options) => void serve(options));
async function serve(options) {
  try {
    const server = await startServer(options);
    const stop = async () => {
      await server.close();
      process.exit(0);
    };
    process.once("disconnect", () => void stop());
    process.once("SIGTERM", () => void stop());
    process.on("SIGINT", () => {
    });
    process.send({ addresses: server.addresses });
  } catch (error) {
    process.send({ error: error.message }, () => process.exit(1));
  }
}
