import type { Command } from 'commander';
import { collect, lazily } from './flags.js';

/** Adds the commands for dumps and data directories. */
export function addData(program: Command): void {
  program
    .command('dump')
    .description('write all objects to standard output, as lines of JSON that commonhold load reads')
    .argument('[address]', 'manager that runs: HOST:PORT or unix:PATH (default: COMMONHOLD_ADDRESS, or the socket of the user)')
    .option('--data-dir <directory>', 'dump the data directory of a manager that is stopped, without a change in it')
    .option('--token-file <file>', 'file with the token of the manager (or COMMONHOLD_TOKEN, COMMONHOLD_TOKEN_FILE)')
    .action(lazily(() => import('./run-dump.js'), 'runDump'));

  program
    .command('load')
    .description('make the objects of a dump, from standard input; after an error, nothing is loaded')
    .argument('[address]', 'manager that runs: HOST:PORT or unix:PATH (default: COMMONHOLD_ADDRESS, or the socket of the user)')
    .option('--data-dir <directory>', 'load into a data directory that no manager has at the moment; it is made if it is not there')
    .option('--skip', 'leave objects that exist as they are')
    .option('--replace', 'replace objects that exist')
    .option('--token-file <file>', 'file with the token of the manager (or COMMONHOLD_TOKEN, COMMONHOLD_TOKEN_FILE)')
    .option('--register <module>', 'with --data-dir: module with the types of objects; may be given several times', collect)
    .option('--json', 'write the numbers of objects as a line of JSON')
    .action(lazily(() => import('./run-load.js'), 'runLoad'));

  program
    .command('doctor')
    .description('examine the data directory of a manager that is stopped')
    .argument('<directory>')
    .option('--salvage', 'keep everything before the first damage, and move the rest aside')
    .option('--json', 'write the findings as a line of JSON')
    .action(lazily(() => import('./run-doctor.js'), 'runDoctor'));
}
