import {
  startServer
} from "../chunks/chunk-DPG6DNQJ.js";
import "../chunks/chunk-GKFANONQ.js";
import "../chunks/chunk-VUPR3GZ3.js";
import "../chunks/chunk-2GGWTFG2.js";

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
