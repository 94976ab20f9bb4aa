import {
  runTask
} from "../../chunks/chunk-GYJE5M2X.js";
import {
  managerAt
} from "../../chunks/chunk-M3NNAJH3.js";
import "../../chunks/chunk-XLRFQOWC.js";
import "../../chunks/chunk-FM4B56PX.js";

// dist/client/workers/process-entry.js
process.once("message", (task) => void serve(task));
async function serve(task) {
  await send(await runTask(task));
  await managerAt(task.address).close();
  process.disconnect();
}
function send(outcome) {
  return new Promise((resolve) => process.send(outcome, () => resolve()));
}
