"""The subcommands of `hellokit`. Each module adds its own, as the hook `hellokit_commands` does."""
