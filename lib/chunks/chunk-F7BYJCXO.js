import {
  decode,
  encodeResult,
  managerAt
} from "./chunk-7CGOE2HQ.js";

// dist/client/workers/run.js
async function runTask({ module, address, args }) {
  try {
    const manager = managerAt(address);
    const { default: work } = await import(module);
    if (typeof work !== "function")
      throw new TypeError(`${module} has no function as its default export`);
    const outcome = { result: encodeResult(await work(...decode(manager, args))) };
    await manager.prepared();
    return outcome;
  } catch (error) {
    return { error: encodeError(error) };
  }
}
function encodeError(error) {
  try {
    return encodeResult(error);
  } catch {
    return encodeResult(new Error(error instanceof Error ? error.message : String(error)));
  }
}

export {
  runTask
};
