// completion bash|zsh|fish: prints what a shell has to read to complete ringmaster's words.
import { Argument, type Command } from 'commander';
import { examples } from '../help.ts';
import type { Act } from '../session.ts';
import { COMPLETION_SCRIPTS, SHELLS, type Shell } from './scripts.ts';

export function addCompletionCommand(program: Command, act: Act): void {
  examples(
    program
      .command('completion')
      .description('print what makes a shell complete commands, options and names')
      .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS)),
    [
      'source <(ringmaster completion bash)                        # in ~/.bashrc',
      'source <(ringmaster completion zsh)                         # in ~/.zshrc, after compinit',
      'ringmaster completion fish >~/.config/fish/completions/ringmaster.fish',
    ],
  ).action(
    act(async ({ output }, [shell = 'bash']) => void output.out.write(COMPLETION_SCRIPTS[shell as Shell])),
  );
}
