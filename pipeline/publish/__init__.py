"""What an episode's files have to be like on the platforms that they go to: rules, checks, and mended copies."""
