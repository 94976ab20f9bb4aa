#!/usr/bin/env node
import {
  startServer
} from "../chunks/chunk-EYITII5T.js";
import "../chunks/chunk-T6XY2Q4R.js";
import {
  VERSION
} from "../chunks/chunk-Y7F2GMTB.js";
import "../chunks/chunk-GXWSCQCR.js";

// dist/server/main.js
import { Command, InvalidArgumentError as BadOption } from "commander";
var program = new Command("commonhold").description("Shared objects for Node.js processes and threads").version(VERSION);
program.command("serve").description("run a manager in the foreground").option("--listen <address>", "HOST:PORT on loopback, or unix:PATH; may be given several times (default: 127.0.0.1:7420 and the socket of the user)", collect).option("--token-file <file>", "file with the token that clients must carry (or COMMONHOLD_TOKEN, COMMONHOLD_TOKEN_FILE)").option("--max-payload <bytes>", "largest message taken or sent (default: 67108864)", wholeNumber).action(serve);
function collect(address, earlier = []) {
  return [...earlier, address];
}
function wholeNumber(text) {
  if (!/^\d+$/.test(text))
    throw new BadOption("give a whole number of bytes");
  return Number(text);
}
async function serve(flags) {
  const options = {
    listen: flags.listen,
    token: process.env["COMMONHOLD_TOKEN"] || void 0,
    tokenFile: flags.tokenFile ?? (process.env["COMMONHOLD_TOKEN_FILE"] || void 0),
    maxPayload: flags.maxPayload
  };
  const server = await startServer(options).catch((error) => program.error(`commonhold: ${error.message}`));
  console.log(`commonhold ${VERSION} listens on ${server.addresses.join(", ")}`);
  const stop = async () => {
    await server.close();
    process.exit(0);
  };
  process.once("SIGTERM", () => void stop());
  process.once("SIGINT", () => void stop());
}
await program.parseAsync();
