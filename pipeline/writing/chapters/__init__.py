"""The chapters of an episode, in the formats of players, feeds and video sites."""
