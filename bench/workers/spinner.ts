/** Burns the time nobody else wants. Ends by itself when the bench that started it is gone. */
const parent = process.ppid;
let waste = 0;
do {
  for (let turn = 0; turn < 10_000_000; turn++) waste = (waste + turn) | 0;
} while (process.ppid === parent);
process.exitCode = waste === 0 ? 0 : 1;
