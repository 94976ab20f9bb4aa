// A program that connects as its environment says (or to the given address), and prints the result.
import { Manager, ManagerError } from 'commonhold';

const [address] = process.argv.slice(2);
try {
  await using manager = await Manager.connect(address);
  const { objects } = await manager.stats();
  process.stdout.write(`${JSON.stringify({ address: manager.address, objects })}\n`);
} catch (error) {
  if (!(error instanceof ManagerError)) throw error;
  process.stdout.write(`${JSON.stringify({ code: error.code, message: error.message, address: error.address })}\n`);
}
