import {
  runTask
} from "../../chunks/chunk-F7BYJCXO.js";
import {
  managerAt
} from "../../chunks/chunk-7CGOE2HQ.js";
import "../../chunks/chunk-VUPR3GZ3.js";
import "../../chunks/chunk-2GGWTFG2.js";

// dist/client/workers/process-entry.js
process.once("message", async (task) => {
  const outcome = await runTask(task);
  process.send(outcome, async () => {
    await managerAt(task.address).close();
    process.disconnect();
  });
});
