import {
  runTask
} from "../../chunks/chunk-Z6CRMCFT.js";
import {
  managerAt
} from "../../chunks/chunk-UBJTUBB4.js";
import "../../chunks/chunk-Y7F2GMTB.js";
import "../../chunks/chunk-GXWSCQCR.js";

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
