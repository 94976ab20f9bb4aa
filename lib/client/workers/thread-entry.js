import {
  runTask
} from "../../chunks/chunk-UFYGWKEB.js";
import {
  managerAt
} from "../../chunks/chunk-IISH7C4M.js";
import "../../chunks/chunk-GB3T5JSI.js";
import "../../chunks/chunk-YBOVHRXC.js";

// dist/client/workers/thread-entry.js
import { parentPort } from "node:worker_threads";
parentPort.once("message", async (task) => {
  const outcome = await runTask(task);
  parentPort.postMessage(outcome);
  await managerAt(task.address).close();
  parentPort.close();
});
