import {
  runTask
} from "../../chunks/chunk-F7BYJCXO.js";
import {
  managerAt
} from "../../chunks/chunk-7CGOE2HQ.js";
import "../../chunks/chunk-VUPR3GZ3.js";
import "../../chunks/chunk-2GGWTFG2.js";

// dist/client/workers/thread-entry.js
import { parentPort } from "node:worker_threads";
parentPort.once("message", async (task) => {
  const outcome = await runTask(task);
  parentPort.postMessage(outcome);
  await managerAt(task.address).close();
  parentPort.close();
});
