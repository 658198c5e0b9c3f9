"""Other tools that give words their times, each run in an environment of its own (see ``run``)."""
