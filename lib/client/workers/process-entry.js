import {
  runTask
} from "../../chunks/chunk-UFYGWKEB.js";
import {
  managerAt
} from "../../chunks/chunk-IISH7C4M.js";
import "../../chunks/chunk-GB3T5JSI.js";
import "../../chunks/chunk-YBOVHRXC.js";

// dist/client/workers/process-entry.js
process.once("message", async (task) => {
  const outcome = await runTask(task);
  process.send(outcome, async () => {
    await managerAt(task.address).close();
    process.disconnect();
  });
});
