import {
  startServer
} from "../chunks/chunk-7O5FJB55.js";
import "../chunks/chunk-I3VO6KXN.js";
import "../chunks/chunk-GB3T5JSI.js";
import "../chunks/chunk-YBOVHRXC.js";

// dist/server/spawned.js
process.once("message", async (options) => {
  try {
    const server = await startServer(options);
    const stop = async () => {
      await server.close();
      process.exit(0);
    };
    process.once("disconnect", stop);
    process.once("SIGTERM", stop);
    process.on("SIGINT", () => {
    });
    process.send({ addresses: server.addresses });
  } catch (error) {
    process.send({ error: error.message }, () => process.exit(1));
  }
});
