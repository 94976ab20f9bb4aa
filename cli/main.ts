#!/usr/bin/env node
import { Argument, Command } from 'commander';
import { VERSION } from '../proto/version.js';
import { completion, SHELLS, type Shell } from './completion.js';
import { addData } from './data-commands.js';
import { EXIT } from './flags.js';
import { addInspection } from './inspection/commands.js';
import { addServe } from './serve.js';

const program = new Command('commonhold')
  .description('Shared objects for Node.js processes and threads')
  .version(VERSION)
  // Commands inherit it.
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : EXIT.usage));

addServe(program);
addInspection(program);
addData(program);
program
  .command('completion')
  .description('write a script that has your shell complete commands: source <(commonhold completion bash)')
  .addArgument(new Argument('<shell>').choices(SHELLS))
  .action((shell: Shell) => void process.stdout.write(completion(program, shell)));

await program.parseAsync();
