/** Burns the processor time that no other process wants. Ends by itself when the bench that started it has ended. */
const parent = process.ppid;
let waste = 0;
do {
  for (let turn = 0; turn < 10_000_000; turn++) waste = (waste + turn) | 0;
} while (process.ppid === parent);
process.exitCode = waste === 0 ? 0 : 1;
