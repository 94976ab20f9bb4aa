import {
  runTask
} from "../../chunks/chunk-Z6CRMCFT.js";
import {
  managerAt
} from "../../chunks/chunk-UBJTUBB4.js";
import "../../chunks/chunk-Y7F2GMTB.js";
import "../../chunks/chunk-GXWSCQCR.js";

// dist/client/workers/thread-entry.js
import { parentPort } from "node:worker_threads";
var port = parentPort;
port.once("message", (task) => void serve(task));
async function serve(task) {
  port.postMessage(await runTask(task));
  await managerAt(task.address).close();
  port.close();
}
