import {
  runTask
} from "../../chunks/chunk-GYJE5M2X.js";
import {
  managerAt
} from "../../chunks/chunk-M3NNAJH3.js";
import "../../chunks/chunk-XLRFQOWC.js";
import "../../chunks/chunk-FM4B56PX.js";

// dist/client/workers/thread-entry.js
import { parentPort } from "node:worker_threads";
var port = parentPort;
port.once("message", (task) => void serve(task));
async function serve(task) {
  port.postMessage(await runTask(task));
  await managerAt(task.address).close();
  port.close();
}
